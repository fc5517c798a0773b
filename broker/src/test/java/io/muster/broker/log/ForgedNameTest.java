package io.muster.broker.log;

import static io.muster.broker.Packets.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.muster.auth.spi.AuthResult;
import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The broker's own log lines, with names that try to look like more than a name. */
class ForgedNameTest {

    private static final String NAME =
            "a\" client=admin address=1.2.3.4 \u2028client refused \u202e";
    private static final String SHOWN =
            "\"a\\\" client=admin address=1.2.3.4 \\u{2028}client refused \\u{202e}\"";

    /** What stands between quotation marks that are not escaped. */
    private static final Pattern QUOTED = Pattern.compile("\"(\\\\.|[^\"\\\\])*\"");

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.muster.broker");
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final ListAppender<ILoggingEvent> appender =
            new ListAppender<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    lines.add(event.getFormattedMessage());
                }
            };

    @BeforeEach
    void listen() {
        logger.setLevel(Level.DEBUG);
        appender.start();
        logger.addAppender(appender);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
        logger.setLevel(null);
    }

    private void expectShown(String beginning) {
        await().untilAsserted(
                        () ->
                                assertThat(lines)
                                        .anySatisfy(
                                                line ->
                                                        assertThat(line)
                                                                .startsWith(beginning)
                                                                .contains(SHOWN)));
        assertThat(lines)
                .allSatisfy(
                        line ->
                                assertThat(QUOTED.matcher(line).replaceAll("\"\""))
                                        .doesNotContain("admin", "1.2.3.4", "\u2028", "\u202e"));
    }

    @Test
    void isQuotedWhenAClientComesAndGoes() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(BrokerFixture.principal("user:" + NAME)));
        try (BrokerFixture broker = settings.start()) {
            broker.client(5, NAME).send(Packets.DISCONNECT).expectClosed();
            expectShown("client connected client=");
            expectShown("client disconnected client=");
        }
    }

    @Test
    void isQuotedWhenAClientBreaksTheRules() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            broker.client(4, NAME).send(connect(4, NAME).bytes()).expectClosed();
            expectShown("protocol violation client=");
        }
    }
}
