package io.muster.auth.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.guard.GuardSettings.ConnectRate;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a storm of wrong sign-ins leaves in memory. */
class GuardMemoryTest {

    private static final int STORM = 1_000_000;
    private static final int ENTRIES_MAX = 2_000;

    private static final GuardSettings SETTINGS =
            new GuardSettings(
                    5,
                    50,
                    20,
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(5),
                    ENTRIES_MAX,
                    ConnectRate.DEFAULT);

    private long nanos;
    private final FailureGuard guard =
            new FailureGuard(SETTINGS, () -> nanos, new BarLog(() -> nanos));

    private static AddressBlock address(int number) {
        return new AddressBlock(false, number);
    }

    private void fail(Claim claim) {
        if (guard.refusal(claim, false) == null) {
            guard.failed(claim, false);
        }
    }

    @Test
    void aMillionNamesFromAMillionAddressesFillNoMoreThanTheTables() {
        for (int i = 0; i < STORM; i++) {
            fail(new Claim("guess" + i, address(i)));
            nanos += 1_000;
        }

        assertThat(guard.size()).isBetween((long) ENTRIES_MAX, 3L * ENTRIES_MAX);
    }

    @Test
    void oneAddressThatTriesAMillionNamesMakesFewEntries() {
        for (int i = 0; i < STORM; i++) {
            fail(new Claim("guess" + i, address(7)));
        }

        // 20 until it is barred, in the tables of claims and names, and the address itself.
        assertThat(guard.size()).isEqualTo(41);
    }

    @Test
    void whoIsBarredAndTriesOnIsNotFlushedOutByAStorm() {
        Claim persistent = new Claim("victim", address(-1));
        for (int i = 0; i < 5; i++) {
            fail(persistent);
        }
        nanos += Duration.ofSeconds(1).toNanos();
        fail(persistent); // barred for 2 s now
        for (int i = 0; i < STORM / 5; i++) {
            fail(new Claim("guess" + i, address(i)));
            if (i % 1_000 == 0) {
                assertThat(guard.refusal(persistent, false)).isNotNull();
            }
        }

        assertThat(guard.refusal(persistent, false)).isEqualTo(FailureGuard.Refusal.NAME);
    }

    @Test
    void aLongNameIsCut() {
        AddressBlock here = AddressBlock.of(new InetSocketAddress(0));

        assertThat(Claim.of(Optional.of("x".repeat(60_000)), here).name()).hasSize(256);
        assertThat(Claim.of(Optional.of("x".repeat(255) + "𝄞".repeat(9)), here).name())
                .isEqualTo("x".repeat(255));
    }

    @Test
    void namesThatWereChosenToCollideDoNotSlowTheTableDown() {
        // 2^14 names with one hash code, from one address: in a list this would take minutes.
        GuardSettings wide =
                new GuardSettings(
                        5,
                        0,
                        0,
                        Duration.ofMinutes(5),
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(5),
                        100_000,
                        ConnectRate.DEFAULT);
        FailureGuard unlimited = new FailureGuard(wide, () -> nanos, new BarLog(() -> nanos));
        for (int i = 0; i < 1 << 14; i++) {
            StringBuilder name = new StringBuilder();
            for (int bit = 0; bit < 14; bit++) {
                name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            unlimited.failed(new Claim(name.toString(), address(1)), false);
        }

        assertThat(unlimited.size()).isGreaterThanOrEqualTo(1 << 14);
    }
}
