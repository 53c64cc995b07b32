"""What stands on a worksheet: an exercise on paper, with room to write, and nobody's answers."""

from dataclasses import dataclass

from portal.access.privacy import Label
from portal.reports.base import Colophon, Paper, Prose
from portal.reports.worksheets.blocks import Block, Cards, Marks, Week, Years


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that is asked: its number at the margin, when it is asked at all, and room for the answer."""

    number: str
    text: str
    hint: str = ""
    only_if: str = ""
    blocks: tuple[Block, ...] = ()
    titled: bool = False
    """Whether the text is a short title rather than a sentence."""

    @property
    def is_kept(self) -> bool:
        """Say whether it stays on one page: everything but what is longer than one."""
        return not any(isinstance(each, Marks | Cards | Week | Years) for each in self.blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Questions and other things to write on under one heading, for one circle of readers."""

    title: str = ""
    intro: Prose = ()
    blocks: tuple[Block | Question, ...] = ()
    label: Label
    label_words: str
    on_new_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One exercise on paper."""

    title: str
    purpose: str
    facts: str
    language: str
    direction: str
    label: Label
    label_words: str
    steps: tuple[str, ...]
    materials: tuple[str, ...]
    cautions: tuple[str, ...]
    stop_rule: str
    why: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksheetPage:
    """Everything on the paper: one worksheet, or several one after the other."""

    paper: Paper
    sheets: tuple[Sheet, ...]
    colophon: Colophon
