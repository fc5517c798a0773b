package io.muster.broker.pace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Moments have no beginning: also those behind which the numbers turn negative. */
    @ParameterizedTest
    @ValueSource(longs = {0, -5, Long.MAX_VALUE - 100})
    void givesOneSecondsWorthAtOnceAndThenOneByOne(long start) {
        TokenBucket bucket = new TokenBucket(new Rate(4), start);
        for (int i = 0; i < 4; i++) {
            assertThat(bucket.waitNanos(start)).isNotPositive();
            bucket.take(1, start);
        }
        assertThat(bucket.waitNanos(start)).isEqualTo(SECOND / 4);
        long later = start + SECOND / 4;
        assertThat(bucket.waitNanos(later)).isZero();
        bucket.take(1, later);
        assertThat(bucket.waitNanos(later)).isEqualTo(SECOND / 4);
    }

    @Test
    void savesNoMoreThanOneSecondsWorth() {
        TokenBucket bucket = new TokenBucket(new Rate(2), 0);
        long later = 100 * SECOND;
        bucket.take(1, later);
        bucket.take(1, later);
        assertThat(bucket.waitNanos(later)).isPositive();
    }

    @Test
    void whatIsLargerThanTheBucketIsPaidForAfterwards() {
        TokenBucket bucket = new TokenBucket(new Rate(10), 0);
        bucket.take(50, 0);
        assertThat(bucket.waitNanos(0)).isEqualTo(4 * SECOND + SECOND / 10);
    }

    @Test
    void isExactWhateverTheAmounts() {
        TokenBucket bucket = new TokenBucket(new Rate(1_000), 0);
        long taken = 0;
        for (long millis = 0; millis < 100_000; millis++) {
            long now = TimeUnit.MILLISECONDS.toNanos(millis);
            if (bucket.waitNanos(now) <= 0) {
                long amount = 1 + millis % 700;
                bucket.take(amount, now);
                taken += amount;
            }
        }
        assertThat(taken).isBetween(100_000L, 101_700L);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 100_000_000, 1L << 40})
    void noRateAndNoPacketOverflows(long perSecond) {
        TokenBucket bucket = new TokenBucket(new Rate(perSecond), 0);
        bucket.take(256 << 20, 0);
        assertThat(bucket.waitNanos(0)).isBetween(-SECOND, (256L << 20) * SECOND);
        assertThat(bucket.waitNanos((256L << 20) * SECOND)).isNotPositive();
    }

    @Test
    void ofASharedBucketNobodyTakesWhatIsNotThere() {
        SharedBucket bucket = new SharedBucket(new Rate(2), 0);
        assertThat(bucket.isFull(0)).isTrue();
        assertThat(bucket.tryTake(0)).isTrue();
        assertThat(bucket.hasToken(0)).isTrue();
        assertThat(bucket.tryTake(0)).isTrue();
        assertThat(bucket.hasToken(0)).isFalse();
        assertThat(bucket.tryTake(0)).isFalse();
        assertThat(bucket.tryTake(SECOND / 2)).as("a refusal costs nothing").isTrue();
        assertThat(bucket.isFull(SECOND)).isFalse();
        assertThat(bucket.isFull(2 * SECOND)).isTrue();
    }
}
