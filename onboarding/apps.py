from django.apps import AppConfig


class OnboardingConfig(AppConfig):
    name = "onboarding"

    def ready(self) -> None:
        from onboarding.models import ImportBatch, Member, SignInReading
        from onboarding.reminding import digest, reminders
        from onboarding.setup import first_looks, runs
        from onboarding.steps import stuck
        from onboarding.team import invitations
        from portal import jobs
        from portal.mailing import notices

        jobs.register(Member, "onboarding.tasks.provision_member")
        jobs.register(ImportBatch, "onboarding.tasks.work_on_import")
        jobs.register(SignInReading, "onboarding.tasks.read_sign_ins")
        first_looks.register(runs.first_preflight)
        notices.register(invitations.KIND, invitations.render)
        notices.register(stuck.KIND, stuck.render)
        notices.register(reminders.KIND, reminders.render)
        notices.register(digest.KIND, digest.render)
