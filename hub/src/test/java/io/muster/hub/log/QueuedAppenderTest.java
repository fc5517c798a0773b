package io.muster.hub.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.encoder.EncoderBase;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How events get from those who log to who reads. */
class QueuedAppenderTest {

    private static final Logger LOGGER = logger();

    private final Reader reader = new Reader();
    private final QueuedAppender appender =
            new QueuedAppender(new Encoder(), lost -> event(Level.WARN, "lost " + lost), printer());

    private static Logger logger() {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        return context.getLogger("test");
    }

    @AfterEach
    void stop() {
        reader.reads.release(1_000_000);
        appender.stop();
    }

    private PrintStream printer() {
        return new PrintStream(reader, false, StandardCharsets.UTF_8);
    }

    private static ILoggingEvent event(Level level, String message) {
        return new LoggingEvent("any", LOGGER, level, message, null, new Object[0]);
    }

    private void log(Level level, String message) {
        appender.doAppend(event(level, message));
    }

    @Test
    void writesEachEventInItsTurn() {
        reader.reads.release(1_000_000);
        appender.start();
        List<String> messages = IntStream.range(0, 500).mapToObj(i -> "event " + i).toList();
        messages.forEach(message -> log(Level.INFO, message));
        await().untilAsserted(() -> assertThat(reader.lines()).isEqualTo(messages));
        log(Level.INFO, "after a pause");
        await().untilAsserted(() -> assertThat(reader.lines()).endsWith("after a pause"));
    }

    @Test
    void writesManyEventsInOneGo() {
        appender.start();
        IntStream.range(0, 1_000).forEach(i -> log(Level.INFO, "event"));
        reader.reads.release(1_000_000);
        await().untilAsserted(() -> assertThat(reader.lines()).hasSize(1_000));
        assertThat(reader.written).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void writesWhatWaitsWhenItIsStopped() {
        reader.reads.release(1_000_000);
        appender.start();
        IntStream.range(0, 1_000).forEach(i -> log(Level.INFO, "event"));
        appender.stop();
        assertThat(reader.lines()).hasSize(1_000);
    }

    @Test
    void doesNotWaitForAReaderThatIsGone() {
        appender.start();
        log(Level.INFO, "nobody reads it");
        long before = System.nanoTime();
        appender.stop();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(30));
        assertThat(reader.written).isEmpty();
    }

    @Test
    void dropsTheLesserEventsFirstAndTellsHowMany() {
        appender.start();
        log(Level.INFO, "the reader is stuck with it");
        await().until(() -> reader.reads.hasQueuedThreads());
        IntStream.range(0, QueuedAppender.EVENTS_MAX).forEach(i -> log(Level.INFO, "info"));
        int kept = QueuedAppender.EVENTS_MAX * 3 / 4;
        log(Level.WARN, "warning");
        reader.reads.release(1_000_000);
        int lost = QueuedAppender.EVENTS_MAX - kept;
        await().untilAsserted(() -> assertThat(reader.lines()).hasSize(1 + kept + 2));
        assertThat(reader.lines()).contains("warning", "lost " + lost);
    }

    @Test
    void dropsAllWhenTheQueueIsFull() {
        appender.start();
        log(Level.INFO, "the reader is stuck with it");
        await().until(() -> reader.reads.hasQueuedThreads());
        IntStream.range(0, QueuedAppender.EVENTS_MAX + 5).forEach(i -> log(Level.WARN, "warning"));
        reader.reads.release(1_000_000);
        await().untilAsserted(
                        () -> assertThat(reader.lines()).hasSize(QueuedAppender.EVENTS_MAX + 2));
        assertThat(reader.lines()).contains("lost 5");
    }

    @Test
    void survivesAnEventThatCannotBeWritten() {
        reader.reads.release(1_000_000);
        appender.start();
        log(Level.INFO, "bad");
        log(Level.INFO, "good");
        await().untilAsserted(() -> assertThat(reader.lines()).containsExactly("good"));
    }

    /** Takes in what is written when it may. */
    private static final class Reader extends OutputStream {

        private final Semaphore reads = new Semaphore(0);
        private final List<String> written = new CopyOnWriteArrayList<>();

        @Override
        public void write(int b) {
            throw new UnsupportedOperationException("one byte only");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            reads.acquireUninterruptibly();
            written.add(new String(bytes, offset, length, StandardCharsets.UTF_8));
        }

        private List<String> lines() {
            return String.join("", written).lines().toList();
        }
    }

    private static final class Encoder extends EncoderBase<ILoggingEvent> {

        @Override
        public byte[] headerBytes() {
            return new byte[0];
        }

        @Override
        public byte[] encode(ILoggingEvent event) {
            if (event.getMessage().equals("bad")) {
                throw new IllegalStateException("cannot be written");
            }
            return (event.getMessage() + "\n").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte[] footerBytes() {
            return new byte[0];
        }
    }
}
