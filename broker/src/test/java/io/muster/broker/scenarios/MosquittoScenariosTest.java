package io.muster.broker.scenarios;

import static io.muster.broker.scenarios.MosquittoClient.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.BrokerFixture;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scenarios, as far as the commands of Mosquitto can play them, in all versions of MQTT. */
@ParameterizedClass
@ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
class MosquittoScenariosTest {

    private static final BrokerFixture BROKER = BrokerFixture.open();

    private final String version;
    private final MosquittoClient mosquitto;

    MosquittoScenariosTest(String version) {
        this.version = version;
        this.mosquitto = new MosquittoClient(BROKER.address(), version);
    }

    @BeforeAll
    static void skipIfNotInstalled() {
        Requirement.MOSQUITTO.mustBeThere(MosquittoClient.isInstalled());
    }

    @AfterEach
    void waitUntilAllHaveLeft() {
        await().until(() -> BROKER.metric("muster.clients") == 0);
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private Process listening(int messages, String... arguments) throws Exception {
        double before = BROKER.metric("muster.subscriptions");
        Process listener = mosquitto.listen(messages, arguments);
        await().until(() -> BROKER.metric("muster.subscriptions") > before);
        return listener;
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2"})
    void deliversWithTheLowerQos(String qos) throws Exception {
        Process full = listening(2, "-t", "full/#", "-q", "2");
        Process low = listening(1, "-t", "low", "-q", "0");
        mosquitto.publish("-t", "full/a", "-m", "one", "-q", qos);
        mosquitto.publish("-t", "full/b", "-m", "two", "-q", qos);
        mosquitto.publish("-t", "low", "-m", "three", "-q", qos);
        assertThat(output(full))
                .containsExactly("full/a " + qos + " 0 one", "full/b " + qos + " 0 two");
        assertThat(output(low)).containsExactly("low 0 0 three");
    }

    @Test
    void matchesWildcards() throws Exception {
        Process one = listening(2, "-t", "w/+/b");
        for (String topic : List.of("w/a/b", "w/a/b/c", "w", "w//b")) {
            mosquitto.publish("-t", topic, "-m", "x");
        }
        assertThat(output(one)).containsExactly("w/a/b 0 0 x", "w//b 0 0 x");
    }

    @Test
    void retainsTheLastMessageUntilItIsCleared() throws Exception {
        mosquitto.publish("-t", "r/a", "-m", "old", "-r", "-q", "1");
        mosquitto.publish("-t", "r/a", "-m", "new", "-r", "-q", "1");
        assertThat(output(mosquitto.listen(1, "-t", "r/#", "-q", "1")))
                .containsExactly("r/a 1 1 new");
        mosquitto.publish("-t", "r/a", "-n", "-r", "-q", "1");
        Process later = listening(1, "-t", "r/#", "-q", "1");
        mosquitto.publish("-t", "r/a", "-m", "live", "-q", "1");
        assertThat(output(later)).containsExactly("r/a 1 0 live");
    }

    @Test
    void publishesTheWillOfOneWhoIsLost() throws Exception {
        Process watcher = listening(1, "-t", "will", "-q", "1");
        Process lost =
                listening(
                        1,
                        "-t",
                        "never",
                        "--will-topic",
                        "will",
                        "--will-payload",
                        "lost",
                        "--will-qos",
                        "1");
        lost.destroyForcibly();
        assertThat(output(watcher)).containsExactly("will 1 0 lost");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void keepsASessionForOneWhoComesBack(String qos) throws Exception {
        String name = "lasting-" + version + "-" + qos;
        mosquitto.subscribeAndLeave("-i", name, "-t", name, "-q", qos);
        for (String message : List.of("1", "2", "3")) {
            mosquitto.publish("-t", name, "-m", message, "-q", qos);
        }
        Process back = mosquitto.listen(3, "-c", "-i", name, "-t", name, "-q", qos);
        String start = name + " " + qos + " 0 ";
        assertThat(output(back)).containsExactly(start + "1", start + "2", start + "3");
    }
}
