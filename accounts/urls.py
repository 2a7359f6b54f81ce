"""Addresses of the accounts app. Name of the address = name of the view = name of the template."""

from django.urls import path

from accounts.views import account, devices, enrol, health, log, people, recover, recovery_code, session, teams, vouch

app_name = "accounts"
urlpatterns = [
    path("sign-in", session.sign_in, name="sign_in"),
    path("sign-in/challenge", devices.sign_in_challenge, name="sign_in_challenge"),
    path("sign-out", session.sign_out, name="sign_out"),
    path("confirm", session.confirm, name="confirm"),
    path("invitation", enrol.enrol, name="enrol"),
    path("invitation/<str:token>", enrol.enrol_link, name="enrol_link"),
    path("recovery-code", recovery_code.recovery_code, name="recovery_code"),
    path("recover", recover.recover, name="recover"),
    path("account", account.account, name="account"),
    path("account/password", account.password_change, name="password_change"),
    path("account/second", account.second_address, name="second_address"),
    path("account/devices", devices.device_list, name="device_list"),
    path("account/devices/passkey", devices.passkey_add, name="passkey_add"),
    path("account/devices/app", devices.totp_add, name="totp_add"),
    path("account/devices/challenge", devices.passkey_challenge, name="passkey_challenge"),
    path("account/devices/<uuid:device_id>/name", devices.device_rename, name="device_rename"),
    path("account/devices/<uuid:device_id>/remove", devices.device_remove, name="device_remove"),
    path("account/language", account.set_language, name="set_language"),
    path("account/theme", account.set_theme, name="set_theme"),
    path("people", people.people, name="people"),
    path("people/invite", people.person_invite, name="person_invite"),
    path("people/<uuid:person_id>", people.person_detail, name="person_detail"),
    path("people/<uuid:person_id>/renew", people.person_renew, name="person_renew"),
    path("people/<uuid:person_id>/deactivate", people.person_deactivate, name="person_deactivate"),
    path("vouch", vouch.vouch_list, name="vouch_list"),
    path("vouch/<uuid:key_id>", vouch.vouch_detail, name="vouch_detail"),
    path("teams", teams.teams, name="teams"),
    path("teams/set-up", teams.teams_set_up, name="teams_set_up"),
    path("teams/add", teams.team_add, name="team_add"),
    path("log", log.log, name="log"),
    path("health", health.health, name="health"),
]
