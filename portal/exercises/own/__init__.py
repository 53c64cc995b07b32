"""What therapists write themselves: drafts, editions, who may use them; and the editor of exercises."""
