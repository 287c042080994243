from django.apps import AppConfig


class OnboardingConfig(AppConfig):
    name = "onboarding"

    def ready(self) -> None:
        from onboarding import invitations
        from onboarding.models import Member
        from portal import jobs, notices

        jobs.register(Member, "onboarding.tasks.provision_member")
        notices.register(invitations.KIND, invitations.render)
