"""Tables of the archive: what was asked of it, so that the same question can be asked again."""

from zhixing.archive.models.checks import PromotionCheck
from zhixing.archive.models.extracts import Extract

__all__ = ["Extract", "PromotionCheck"]
