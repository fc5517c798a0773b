package io.muster.devices.certificate;

/**
 * How many certificates there are, to the day of their end (UTC).
 *
 * @param valid neither revoked nor expired
 * @param revoked since ever
 * @param expiring valid, but not for long
 */
public record CertificateCounts(long valid, long revoked, long expiring) {}
