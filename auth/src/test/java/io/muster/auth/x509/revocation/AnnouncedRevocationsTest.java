package io.muster.auth.x509.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AnnouncedRevocationsTest {

    private final AnnouncedRevocations revocations = new AnnouncedRevocations();

    @Test
    void whatWasAddedIsRevokedAndWhatWasNotIsNot() {
        revocations.addAll(serials(1, 1000));
        serials(2000, 20_000).forEach(revocations::add);

        assertThat(serials(1, 1000)).allMatch(revocations::contains);
        assertThat(serials(2000, 20_000)).allMatch(revocations::contains);
        assertThat(serials(1000, 2000)).noneMatch(revocations::contains);
        assertThat(revocations.size()).isEqualTo(18_999);
    }

    @Test
    void aSerialThatIsAddedAgainIsCountedOnce() {
        for (int i = 0; i < 3; i++) {
            revocations.add(BigInteger.TWO);
            revocations.addAll(List.of(BigInteger.TWO));
        }

        assertThat(revocations.size()).isEqualTo(1);
    }

    /** As it comes from the registry at a start: or a million would be copied a thousand times. */
    @Test
    void inPagesItTakesNotMuchMoreThanAllAtOnce() {
        int pages = 300;
        long begun = allocated();
        AnnouncedRevocations atOnce = new AnnouncedRevocations();
        atOnce.addAll(serials(1, 1 + pages * 1000L));
        long once = allocated() - begun;
        begun = allocated();
        for (int page = 0; page < pages; page++) {
            revocations.addAll(serials(1 + page * 1000L, 1 + (page + 1) * 1000L));
        }
        long paged = allocated() - begun;

        assertThat(revocations.size()).isEqualTo(pages * 1000);
        assertThat(serials(1, 1 + pages * 1000L)).allMatch(revocations::contains);
        assertThat(paged).isLessThan(10 * once);
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    @Test
    void refusesWhatIsNoSerial() {
        assertThatThrownBy(() -> revocations.add(BigInteger.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> revocations.addAll(List.of(BigInteger.ONE.shiftLeft(160))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Also while serials move from one set to the other, which happens many times here. */
    @Test
    void onceAddedItIsNeverSeenAsNotRevoked() throws Exception {
        AtomicLong added = new AtomicLong();
        long last = 60_000;
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            Future<?> writer =
                    threads.submit(
                            () -> {
                                for (long serial = 1; serial <= last; serial++) {
                                    revocations.add(BigInteger.valueOf(serial));
                                    added.set(serial);
                                }
                            });
            Future<Long> first = threads.submit(() -> missed(added, last));
            Future<Long> second = threads.submit(() -> missed(added, last));

            writer.get();
            assertThat(first.get()).isZero();
            assertThat(second.get()).isZero();
        } finally {
            threads.shutdownNow();
        }
    }

    private long missed(AtomicLong added, long last) {
        long missed = 0;
        long known = 0;
        while (known < last) {
            known = added.get();
            for (long serial = Math.max(1, known - 5000); serial <= known; serial += 7) {
                missed += revocations.contains(BigInteger.valueOf(serial)) ? 0 : 1;
            }
        }
        return missed;
    }

    private static List<BigInteger> serials(long from, long to) {
        return LongStream.range(from, to).mapToObj(BigInteger::valueOf).toList();
    }
}
