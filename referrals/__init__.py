"""What leaves the house: partners, referrals, shared files, removal requests. Empty until they are built."""
