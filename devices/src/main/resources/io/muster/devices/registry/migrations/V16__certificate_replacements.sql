-- replaces: ISSUER/SERIAL of the certificate in whose place another one is used, which need not be the one by which its
-- owner proved who asks (renews). It is written with the reservation; the certificate before is told when the other one is
-- recorded (superseded_by), and when it is used (replaced_at).
ALTER TABLE certificate ADD COLUMN replaces VARCHAR(121) COLLATE ${bytes};
