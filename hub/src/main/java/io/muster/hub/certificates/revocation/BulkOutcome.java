package io.muster.hub.certificates.revocation;

/**
 * How far a revocation of many is.
 *
 * @param revoked how many certificates were revoked so far
 * @param done whether all are
 * @param published whether all of them are on lists that are published; never before {@code done}
 * @param connectionsClosed whether it is known that no connection is left that was made with one of
 *     them; never before {@code done}
 */
public record BulkOutcome(
        long revoked, boolean done, boolean published, boolean connectionsClosed) {}
