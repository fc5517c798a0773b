package io.muster.loadtest.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.loadtest.measure.SequenceChecker.Verdict;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class MeasurementTest {

    private final Measurement measurement = new Measurement(1);
    private final Arrivals arrivals = new Arrivals(measurement);

    @Test
    void timesOnlyMessagesThatWereDueInTheMeasuredWindow() {
        measurement.schedule(0, 1000, 2000);
        arrivals.add(Verdict.NEW, 999, 1500);
        arrivals.add(Verdict.NEW, 1000, 1100);
        arrivals.add(Verdict.OUT_OF_ORDER, 1999, 5999);
        arrivals.add(Verdict.NEW, 2000, 2100);
        arrivals.tell();
        Histogram latency = measurement.messages().total();
        assertThat(measurement.receivedCount()).isEqualTo(4);
        assertThat(latency.getTotalCount()).isEqualTo(2);
        assertThat(latency.getMinValue()).isEqualTo(100);
        assertThat(latency.getMaxValue()).isBetween(4000L, 4003L);
    }

    @Test
    void doesNotTimeDuplicates() {
        measurement.schedule(0, 0, 10);
        arrivals.add(Verdict.DUPLICATE, 5, 100);
        arrivals.tell();
        assertThat(measurement.messages().total().getTotalCount()).isZero();
        assertThat(measurement.counts(0, 0).faults().duplicates()).isEqualTo(1);
    }

    @Test
    void keepsInTheTotalWhatIntervalsTook() {
        measurement.schedule(0, 0, 10);
        arrivals.add(Verdict.NEW, 1, 101);
        arrivals.tell();
        assertThat(measurement.messages().takeInterval().getTotalCount()).isEqualTo(1);
        assertThat(measurement.messages().takeInterval().getTotalCount()).isZero();
        arrivals.add(Verdict.NEW, 2, 102);
        arrivals.tell();
        assertThat(measurement.messages().total().getTotalCount()).isEqualTo(2);
    }

    @Test
    void countsErrorsByTheirSentence() {
        measurement.error("a");
        measurement.error("a");
        measurement.error("b");
        assertThat(measurement.errors()).containsEntry("a", 2L).containsEntry("b", 1L);
        assertThat(measurement.errorCount()).isEqualTo(3);
    }

    @Test
    void boundsTheKindsOfErrors() {
        for (int i = 0; i < 1000; i++) {
            measurement.error("error " + i);
        }
        assertThat(measurement.errors()).hasSize(21).containsEntry("other errors", 980L);
    }

    @Test
    void countsALostConnectionAsAnErrorToo() {
        measurement.connected(5);
        measurement.disconnected("gone");
        assertThat(measurement.connectedCount()).isZero();
        assertThat(measurement.disconnectCount()).isEqualTo(1);
        assertThat(measurement.errors()).containsEntry("gone", 1L);
    }

    @Test
    void handsOverWhatATurnCountedOnceItIsTold() {
        measurement.schedule(0, 0, 1000);
        for (int i = 0; i < 100; i++) {
            arrivals.add(Verdict.NEW, i, i + 100);
        }
        assertThat(measurement.receivedCount()).isLessThan(100);
        arrivals.tell();
        assertThat(measurement.receivedCount()).isEqualTo(100);
        assertThat(measurement.messages().total().getTotalCount()).isEqualTo(100);
    }
}
