"""The one door to the vault: sealing and opening what is confidential. Nothing else imports cases.vault."""
