"""The audit trail: who sees which deeds, and what each is called in words."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhixing.base.models import AuditEntry
from zhixing.people.models import Account

NAMES: dict[str, Promise] = {
    "attendance.appeal_decided": _("An appeal was decided"),
    "attendance.appeal_made": _("An appeal was made"),
    "attendance.approvers_named": _("Approvers of leave were named"),
    "attendance.class_run_completed": _("A class run was settled"),
    "attendance.leave_approved": _("Leave was approved"),
    "attendance.leave_asked": _("Leave was asked"),
    "attendance.leave_cancelled": _("Leave was cancelled"),
    "attendance.leave_ended": _("A return from leave was recorded"),
    "attendance.leave_refused": _("Leave was refused"),
    "attendance.leave_step_decided": _("A step of a leave was decided"),
    "attendance.mark_corrected": _("A mark was corrected"),
    "attendance.register_closed": _("A register was closed"),
    "attendance.registers_opened": _("Registers were opened"),
    "attendance.rest_marked": _("All others were marked present"),
    "attendance.sheet_imported": _("A paper sheet was imported"),
    "attendance.withdrawal_decided": _("A withdrawal was decided"),
    "attendance.withdrawal_proposed": _("A withdrawal was proposed"),
    "attendance.withdrawal_taken_back": _("A proposed withdrawal was taken back"),
    "callups.completed": _("A person completed a class run"),
    "callups.decided": _("A reply was decided"),
    "callups.kept": _("A call-up in question stands"),
    "callups.make_up_closed": _("A make-up was completed"),
    "callups.make_up_corrected": _("A make-up was corrected"),
    "callups.make_up_opened": _("A make-up was opened"),
    "callups.make_up_reopened": _("A make-up was reopened"),
    "callups.make_up_waived": _("A make-up was waived"),
    "callups.not_completed": _("A person did not complete a class run"),
    "callups.papers_made": _("Call-up notices were written"),
    "callups.pinned": _("A person was pinned"),
    "callups.proposed": _("A named list was proposed"),
    "callups.published": _("A named list was published"),
    "callups.replied": _("A reply was given"),
    "callups.reviewed": _("A called person left or moved, or no longer did"),
    "callups.run_changed": _("A call-up run was changed"),
    "callups.run_created": _("A call-up run was created"),
    "callups.run_dropped": _("A call-up run was dropped"),
    "callups.run_started": _("A call-up run was started"),
    "callups.run_stopped": _("A call-up run was stopped"),
    "callups.seat_filled": _("A free seat was filled"),
    "callups.substituted": _("A substitute was called"),
    "callups.template_replaced": _("A notice template was replaced"),
    "callups.template_restored": _("A notice template was restored"),
    "callups.unpinned": _("A pin was removed"),
    "callups.withdrawn": _("A call-up was withdrawn"),
    "cycle.ran": _("A whole cycle was run"),
    "obligations.exempted": _("An exemption was granted"),
    "obligations.exemption_withdrawn": _("An exemption was withdrawn"),
    "obligations.external_approved": _("Outside training was approved"),
    "obligations.external_recorded": _("Outside training was recorded"),
    "obligations.external_refused": _("Outside training was refused"),
    "obligations.history_booked": _("A training history was booked"),
    "obligations.history_dropped": _("A file of training history was dropped"),
    "obligations.history_read": _("A file of training history was read"),
    "obligations.history_received": _("A file of training history was received"),
    "obligations.history_refused": _("A file of training history was refused"),
    "obligations.policy_installed": _("A policy was installed"),
    "obligations.policy_signed": _("A policy was put in force"),
    "obligations.posted": _("Hours were posted"),
    "obligations.refresh_asked": _("A recount of standings was asked"),
    "obligations.reversed": _("Hours were reversed"),
    "people.account_created": _("An account was created"),
    "people.account_edited": _("An account was edited"),
    "people.account_slips_taken": _("The first passwords were taken out"),
    "people.account_switched_off": _("An account was switched off"),
    "people.account_switched_on": _("An account was switched on"),
    "people.accounts_created": _("Accounts were created"),
    "people.administrator_created": _("The first administrator was created"),
    "people.password_reset": _("A password was reset"),
    "people.person_added": _("A person was added"),
    "people.person_corrected": _("A person was corrected"),
    "people.posting_added": _("A posting was begun"),
    "people.posting_closed": _("A posting was ended"),
    "people.roster_applied": _("A roster was applied"),
    "people.roster_dropped": _("A roster was dropped"),
    "people.roster_exported": _("A roster was exported"),
    "people.roster_read": _("A roster was read"),
    "people.roster_received": _("A roster was received"),
    "people.roster_refused": _("A roster was refused"),
    "people.roster_rolled_back": _("A roster was rolled back"),
    "people.service_ended": _("A service was ended"),
    "people.token_created": _("An access token was made"),
    "people.token_revoked": _("An access token was revoked"),
    "people.unit_closed": _("A unit was closed"),
    "people.unit_edited": _("A unit was edited"),
    "people.unit_moved": _("A unit was moved"),
    "people.unit_opened": _("A unit was opened"),
    "people.unit_renamed": _("A unit was renamed"),
    "plans.class_list_applied": _("A class list was applied"),
    "plans.class_list_dropped": _("A class list was dropped"),
    "plans.class_list_received": _("A class list was received"),
    "plans.class_run_called": _("A class run was called up"),
    "plans.class_run_cancelled": _("A class run was cancelled"),
    "plans.class_run_created": _("A class run was created"),
    "plans.class_run_draft": _("A class run was taken back to draft"),
    "plans.class_run_edited": _("A class run was edited"),
    "plans.class_run_held": _("A class run ended"),
    "plans.class_run_open": _("A class run was made ready for call-up"),
    "plans.class_run_running": _("A class run began"),
    "plans.quotas_set": _("Quotas were set"),
    "portal.suggestion_answered": _("A suggestion was answered"),
    "portal.suggestion_written": _("A suggestion was written"),
    "timetables.session_deleted": _("A session was deleted"),
    "timetables.session_saved": _("A session was saved"),
    "timetables.sessions_laid_out": _("Sessions were laid out"),
}


def name(action: str) -> str:
    """The words for the code of a deed; a code of an older version stands for itself."""
    return str(NAMES.get(action, action))


def visible_to(user: Account) -> QuerySet[AuditEntry]:
    """The deeds of the accounts below the scope; at the root every deed, those of the system too."""
    if user.sees_the_city:
        return AuditEntry.objects.all()
    return AuditEntry.objects.filter(actor_id__in=Account.objects.visible_to(user).values("pk"))
