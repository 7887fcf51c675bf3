"""How a class is organised (班务): study groups and committee, what is handed out, where people stay."""

from zhixing.classwork.models.lodging import Offer, Room, Stay
from zhixing.classwork.models.materials import Handout, Issue, Material
from zhixing.classwork.models.members import Member

__all__ = ["Handout", "Issue", "Material", "Member", "Offer", "Room", "Stay"]
