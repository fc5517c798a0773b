package io.muster.hub.certificates.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.authority.GenerationState;
import io.muster.ca.authority.Hierarchy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What keeps authorities from issuing, now or soon: one that is revoked, whose key is away, or that
 * ends before what it is to issue. Shared; told from memory, but for {@link #lookForKeys}.
 */
final class IssuerAlarms {

    /** So long before an issuer ends too soon that is told; less if what it issues is short. */
    private static final Duration AHEAD = Duration.ofDays(30);

    private static final List<String> AUTHORITIES =
            List.of(
                    OwnAuthority.DEVICE_EC,
                    OwnAuthority.DEVICE_RSA,
                    OwnAuthority.SERVER,
                    OwnAuthority.ROOT);

    private final Hierarchy hierarchy;
    private final AuthoritySetup setup;
    private final Clock clock;

    /** Why issuers cannot sign, as it was when that was looked at last. */
    private volatile Map<IssuerId, String> keys = Map.of();

    IssuerAlarms(Hierarchy hierarchy, AuthoritySetup setup, Clock clock) {
        this.hierarchy = hierarchy;
        this.setup = setup;
        this.clock = clock;
        lookForKeys();
    }

    /** Finds keys that have come back, and out which are away. Blocks. */
    void lookForKeys() {
        keys = hierarchy.lookForKeys();
    }

    /** Names of authorities, of each what is of its generations. */
    static List<String> authorities() {
        return AUTHORITIES;
    }

    /** What somebody must see to: sentences; empty if all is well. */
    Optional<String> alarm() {
        String all =
                AUTHORITIES.stream()
                        .flatMap(name -> alarm(name).stream())
                        .collect(Collectors.joining("; "));
        return all.isEmpty() ? Optional.empty() : Optional.of(all);
    }

    private Optional<String> alarm(String name) {
        IssuerId id = hierarchy.activeId(name);
        if (hierarchy.stateOf(id) == GenerationState.REVOKED) {
            return Optional.of(
                    "issuer %s is revoked, so nothing is issued: roll over %s".formatted(id, name));
        }
        return Stream.of(withoutKey(id), endsSoon(name, id))
                .flatMap(Optional::stream)
                .reduce((one, other) -> one + "; " + other);
    }

    private Optional<String> withoutKey(IssuerId id) {
        return Optional.ofNullable(keys.get(id))
                .map(why -> "issuer " + id + " issues nothing: " + why);
    }

    private Optional<String> endsSoon(String name, IssuerId id) {
        Instant until = rollOverBefore(name);
        if (clock.instant().isBefore(until.minus(ahead(name)))) {
            return Optional.empty();
        }
        String day = until.truncatedTo(ChronoUnit.SECONDS).toString();
        return Optional.of(
                clock.instant().isBefore(until)
                        ? "roll over %s before %s: certificates of %d days would outlive issuer %s"
                                .formatted(name, day, setup.usualLife(name).toDays(), id)
                        : "roll over %s now: since %s certificates of %d days would outlive issuer %s, and are refused"
                                .formatted(name, day, setup.usualLife(name).toDays(), id));
    }

    private Duration ahead(String name) {
        Duration some = setup.usualLife(name).dividedBy(4);
        return some.compareTo(AHEAD) < 0 ? some : AHEAD;
    }

    /** From when on what an authority usually issues would be valid for longer than itself. */
    Instant rollOverBefore(String name) {
        IssuerId id = hierarchy.activeId(name);
        return Optional.ofNullable(hierarchy.certificates().get(id))
                .orElseThrow()
                .validity()
                .notAfter()
                .minus(setup.usualLife(name));
    }
}
