"""Every write about policies, the hours ledger, exemptions and standings."""

from zhixing.obligations.actions.exemptions import add_exemption, withdraw_exemption
from zhixing.obligations.actions.ledger import NewCredit, post_credit, post_credits, reverse_entry
from zhixing.obligations.actions.policies import install_shipped_policy, sign_policy
from zhixing.obligations.actions.standings import ask_refresh, refresh_standings

__all__ = [
    "NewCredit",
    "add_exemption",
    "ask_refresh",
    "install_shipped_policy",
    "post_credit",
    "post_credits",
    "refresh_standings",
    "reverse_entry",
    "sign_policy",
    "withdraw_exemption",
]
