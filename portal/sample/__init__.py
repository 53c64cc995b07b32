"""The sample world: invented practices and couples, acted out through the portal's own commands."""
