package io.muster.hub.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.muster.auth.guard.GuardSettings;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.broker.BrokerConfig;
import io.muster.broker.ListenerConfig;
import io.muster.broker.message.Qos;
import io.muster.broker.net.proxy.Network;
import io.muster.broker.net.websocket.WebSocketSettings;
import io.muster.broker.pace.RateLimits;
import io.muster.broker.pace.TakeOverLimits;
import io.muster.broker.protocol.packet.Features;
import io.muster.broker.routing.ShareStrategy;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Reads configurations from real files. */
class ConfigurationLoaderTest extends ConfigurationFile {

    @Nested
    class Defaults {

        @Test
        void listensForMqttEverywhereAndForManagementOnLoopback() {
            HubConfig hub = load("").hub();
            assertThat(hub.broker().listeners())
                    .extracting(ListenerConfig::name, ListenerConfig::bind, ListenerConfig::port)
                    .containsExactly(
                            tuple("tcp", "0.0.0.0", 1883),
                            tuple("tls", "0.0.0.0", 8883),
                            tuple("mtls", "0.0.0.0", 8884),
                            tuple("ws", "0.0.0.0", 8083),
                            tuple("wss", "0.0.0.0", 8084));
            assertThat(hub.management()).isEqualTo(new HubConfig.Management("127.0.0.1", 8080));
        }

        @Test
        void letsNobodyInWithoutCredentials() {
            HubConfig hub = load("").hub();
            assertThat(hub.authentication().anonymousListeners()).isEmpty();
            assertThat(hub.authentication().chain())
                    .extracting(HubConfig.Authentication.Entry::type)
                    .containsExactly("certificate", "device-secret", "application");
        }

        @Test
        void denyNothingToEverybody() {
            assertThat(load("").hub().permissions().isEmpty()).isTrue();
            assertThat(load("").hub().authentication().scramIterations()).isEqualTo(15_000);
        }

        @Test
        void keepsTheRegistryInTheDataFolder() {
            assertThat(load("").hub().registry().jdbcUrl())
                    .isEqualTo("jdbc:sqlite:./data/registry.db");
            assertThat(load("", Map.of("MUSTER_DATA", "/srv/m")).hub().registry().jdbcUrl())
                    .isEqualTo("jdbc:sqlite:/srv/m/registry.db");
        }

        @Test
        void areThoseThatTheBrokerCallsSensible() {
            HubConfig hub = load("").hub();
            assertThat(hub.broker()).isEqualTo(BrokerConfig.of(hub.broker().listeners()));
        }

        @Test
        void areThoseThatTheSignInGuardCallsUsual() {
            HubConfig.Authentication authentication = load("").hub().authentication();
            assertThat(authentication.guard()).isEqualTo(GuardSettings.DEFAULT);
            assertThat(authentication.exempt()).isEmpty();
        }

        @Test
        void needNoFile() {
            Configuration configuration =
                    ConfigurationLoader.load(Optional.empty(), Optional.empty(), Map.of());
            assertThat(configuration.values())
                    .isNotEmpty()
                    .extracting(EffectiveValue::origin)
                    .containsOnly("reference");
        }

        @Test
        void documentEveryKeyInTheReference() throws IOException {
            String reference =
                    new String(
                            ConfigurationLoader.class
                                    .getResourceAsStream("/reference.conf")
                                    .readAllBytes(),
                            StandardCharsets.UTF_8);
            for (String key : Schema.keys()) {
                String name = key.substring(key.lastIndexOf('.') + 1);
                assertThat(reference).as(key).containsPattern("(?m)^ *" + name + " = ");
            }
        }
    }

    @Nested
    class Values {

        @Test
        void areReadFromTheFile() {
            HubConfig hub =
                    load("""
                            listeners = [{ name = tcp, port = 1883 }], event-loops = 3, event-loop-handful = 2
                            mqtt {
                              connections-max = 10, connect-timeout = 1500ms
                              connect-size-max = 2 KiB, packet-size-max = 4 KiB
                              keep-alive-max = 2 minutes
                              topic-levels-max = 7, outbound-bytes-max = 8192
                              topic-alias-max = 5, response-information = "r/${clientIdentifier}"
                              control-characters = accept, dollar-topics = accept, check-payload-format = true, denied-publish = close
                              shared-subscription-strategy = least-loaded
                              maximum-qos = 1, retain = false
                              wildcard-subscriptions = no, shared-subscriptions = off
                              session {
                                expiry-max = 1h, count-max = 11, queue-messages-max = 12
                                queue-bytes-max = 2KiB, inflight-max = 13, subscriptions-max = 14
                                queue-full = drop-oldest
                              }
                              retained { messages-max = 15, bytes-max = 16 }
                            }
                            authentication.deadline = 2s
                            """)
                            .hub();
            assertThat(hub.broker())
                    .isEqualTo(
                            new BrokerConfig(
                                    List.of(new ListenerConfig("tcp", "0.0.0.0", 1883)),
                                    new BrokerConfig.Loops(3, 2),
                                    new BrokerConfig.Limits(
                                            10,
                                            Duration.ofMillis(1500),
                                            Duration.ofSeconds(2),
                                            2048,
                                            4096,
                                            120,
                                            7,
                                            8192),
                                    new BrokerConfig.Protocol(
                                            5,
                                            "r/${clientIdentifier}",
                                            false,
                                            false,
                                            true,
                                            true,
                                            new Features(Qos.AT_LEAST_ONCE, false, false, false)),
                                    new BrokerConfig.Sessions(
                                            Duration.ofHours(1),
                                            11,
                                            12,
                                            2048,
                                            13,
                                            14,
                                            QueuePolicy.DROP_OLDEST,
                                            ShareStrategy.LEAST_LOADED),
                                    new BrokerConfig.Retained(15, 16),
                                    RateLimits.DEFAULT,
                                    BrokerConfig.of(List.of()).times()));
            assertThat(hub.authentication().deadline()).isEqualTo(Duration.ofSeconds(2));
        }

        @Test
        void ofRatesAndTimesAreReadFromTheFile() {
            HubConfig hub =
                    load("""
                            mqtt {
                              stop-grace = 1s, sys-interval = 7s, stall-timeout = 1m
                              rate-limits {
                                client-messages = 17, client-bytes = 18KiB, messages = 19, bytes = 20MiB
                                connects = 21, address-connects = 22
                              }
                              take-overs { count = 23, within = 24m, first-hold = 25s, longest-hold = 26s }
                            }
                            """)
                            .hub();
            assertThat(hub.broker().rates())
                    .isEqualTo(
                            new RateLimits(
                                    17,
                                    18 << 10,
                                    19,
                                    20 << 20,
                                    21,
                                    22,
                                    new TakeOverLimits(
                                            23,
                                            Duration.ofMinutes(24),
                                            Duration.ofSeconds(25),
                                            Duration.ofSeconds(26))));
            assertThat(hub.broker().times())
                    .isEqualTo(
                            new BrokerConfig.Times(
                                    Duration.ofSeconds(7),
                                    Duration.ofSeconds(1),
                                    Duration.ofMinutes(1)));
        }

        @Test
        void ofDevicesRegistryAndLogAreReadFromTheFile() {
            Configuration configuration =
                    load(
                            """
                            data = /srv/data
                            devices { cache-max = 100, cache-idle = 2h, idle-timeout = 3d, state-write-interval = 1s, sub-devices-max = 50 }
                            registry { url = "jdbc:postgresql://db/m", username = u, password = p, connections-max = 9, timeout = 1s, outage-grace = 5m }
                            management { bind = "::1", port = 0 }
                            certificates.authority.enabled = false
                            listeners = [{ name = tcp, port = 1883 }]
                            log { level = debug, format = json }
                            """);
            assertThat(configuration.log()).isEqualTo(new Configuration.Log("debug", "json"));
            HubConfig hub = configuration.hub();
            assertThat(hub.dataFolder()).isEqualTo(Path.of("/srv/data"));
            assertThat(hub.devices())
                    .isEqualTo(
                            new HubConfig.Devices(
                                    100,
                                    Duration.ofHours(2),
                                    Duration.ofDays(3),
                                    Duration.ofSeconds(1),
                                    50));
            assertThat(hub.registry())
                    .isEqualTo(
                            new HubConfig.Registry(
                                    "jdbc:postgresql://db/m",
                                    "u",
                                    "p",
                                    9,
                                    Duration.ofSeconds(1),
                                    Duration.ofMinutes(5)));
            assertThat(hub.management()).isEqualTo(new HubConfig.Management("::1", 0));
        }

        @Test
        void ofThePresetStandBesideTheOthersAndAreShown() {
            Configuration configuration =
                    load(
                            """
                            listeners = [{ name = tcp, port = 1883 }]
                            listener-presets = enos
                            certificates.authority.enabled = false
                            listener-defaults { type = ws, bind = "127.0.0.1", path = "/x" }
                            """);

            assertThat(configuration.hub().broker().listeners())
                    .extracting(ListenerConfig::name, ListenerConfig::port, ListenerConfig::isPlain)
                    .containsExactly(tuple("tcp", 1883, false), tuple("enos", 11883, true));
            assertThat(configuration.hub().broker().listeners().get(1).bind())
                    .isEqualTo("127.0.0.1");
            assertThat(configuration.values())
                    .extracting(EffectiveValue::key, EffectiveValue::value)
                    .contains(
                            tuple("listener-presets", "enos"),
                            tuple("listeners.1.name", "enos"),
                            tuple("listeners.1.port", "11883"));
            assertThat(load("").hub().broker().listeners()).hasSize(5);
        }

        @Test
        void ofTheSignInGuardAreReadFromTheFile() {
            HubConfig.Authentication authentication =
                    load("""
                            authentication.guard {
                              name-failures = 1, name-failures-everywhere = 2, address-names = 3
                              window = 4m, first-bar = 5s, longest-bar = 6h, entries-max = 7000
                              exempt = ["192.0.2.0/24", "2001:db8::1"]
                              connect-rate { enabled = true, connects = 8, within = 9s, bar-time = 10m }
                            }
                            """)
                            .hub()
                            .authentication();
            assertThat(authentication.guard())
                    .isEqualTo(
                            new GuardSettings(
                                    1,
                                    2,
                                    3,
                                    Duration.ofMinutes(4),
                                    Duration.ofSeconds(5),
                                    Duration.ofHours(6),
                                    7_000,
                                    new GuardSettings.ConnectRate(
                                            true,
                                            8,
                                            Duration.ofSeconds(9),
                                            Duration.ofMinutes(10))));
            assertThat(authentication.exempt())
                    .containsExactly(Network.parse("192.0.2.0/24"), Network.parse("2001:db8::1"));
        }

        @Test
        void ofListenersMayLeaveOutWhatIsUsual() {
            HubConfig hub =
                    load("""
                            listeners = [
                              { name = devices, port = 1884 }
                              { name = lab, type = tcp, bind = "127.0.0.1", port = 1885, allow-anonymous = true }
                            ]
                            """)
                            .hub();
            assertThat(hub.broker().listeners())
                    .containsExactly(
                            new ListenerConfig("devices", "0.0.0.0", 1884),
                            new ListenerConfig("lab", "127.0.0.1", 1885));
            assertThat(hub.authentication().anonymousListeners()).isEqualTo(Set.of("lab"));
        }

        @Test
        void ofWebSocketListenersHaveAPathAndNoOrigins() {
            HubConfig hub =
                    load("""
                            listeners = [
                              { name = usual, type = ws, port = 8083 }
                              { name = own, type = ws, port = 8084, path = /iot/mqtt
                                origins = ["https://a.example", "http://b.example:8080", "null"] }
                            ]
                            """)
                            .hub();
            assertThat(hub.broker().listeners())
                    .extracting(ListenerConfig::webSocket)
                    .containsExactly(
                            Optional.of(new WebSocketSettings("/mqtt", Set.of())),
                            Optional.of(
                                    new WebSocketSettings(
                                            "/iot/mqtt",
                                            Set.of(
                                                    "https://a.example",
                                                    "http://b.example:8080",
                                                    "null"))));
            assertThat(hub.broker().listeners())
                    .allSatisfy(listener -> assertThat(listener.proxy()).isEmpty());
        }

        @Test
        void ofListenersBehindProxiesTrustPrivateNetworksOrThoseNamed() {
            HubConfig hub =
                    load(
                                    """
                                    listeners = [
                                      { name = usual, port = 1883, proxy-protocol = required }
                                      { name = own, port = 1884, proxy-protocol = required
                                        proxy-trusted = ["192.0.2.1", "2001:db8::/32"] }
                                    ]
                                    """,
                                    Map.of("MUSTER_LISTENERS_1_TYPE", "ws"))
                            .hub();
            ListenerConfig usual = hub.broker().listeners().get(0);
            assertThat(usual.proxy().orElseThrow().trusted())
                    .extracting(Network::toString)
                    .contains("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
                    .doesNotContain("0.0.0.0/0");
            ListenerConfig own = hub.broker().listeners().get(1);
            assertThat(own.webSocket()).isPresent();
            assertThat(own.proxy().orElseThrow().trusted())
                    .containsExactly(Network.parse("192.0.2.1"), Network.parse("2001:db8::/32"));
        }

        @Test
        void ofAuthenticatorsArePassedOnAsTexts() {
            HubConfig hub =
                    load("""
                            authentication.chain = [
                              { type = free-settings, name = strict, allow-weak = false, skew { max = 5 } }
                            ]
                            """)
                            .hub();
            HubConfig.Authentication.Entry entry = hub.authentication().chain().get(0);
            assertThat(entry.type()).isEqualTo("free-settings");
            assertThat(entry.settings())
                    .isEqualTo(
                            new AuthenticatorProvider.Settings(
                                    "strict", Map.of("allow-weak", "false", "skew.max", "5")));
        }

        @Test
        void thatDenyTopicsAreLists() {
            HubConfig hub =
                    load("""
                                    permissions {
                                      deny-subscribe = ["test/nosubscribe", "a/#"]
                                      deny-publish = [1]
                                    }
                                    """)
                            .hub();

            assertThat(hub.permissions().denySubscribe())
                    .containsExactly("test/nosubscribe", "a/#");
            assertThat(hub.permissions().denyPublish()).containsExactly("1");
            assertThat(hub.permissions().isEmpty()).isFalse();
        }

        @Test
        void thatDenyTopicsMayComeFromTheEnvironment() {
            HubConfig hub =
                    load(
                                    "",
                                    Map.of(
                                            "MUSTER_PERMISSIONS_DENY_SUBSCRIBE",
                                            "[\"a/b\", \"c/#\"]",
                                            "MUSTER_PERMISSIONS_DENY_PUBLISH",
                                            "d/#"))
                            .hub();

            assertThat(hub.permissions().denySubscribe()).containsExactly("a/b", "c/#");
            assertThat(hub.permissions().denyPublish()).containsExactly("d/#");
            assertThat(problems("", Map.of("MUSTER_PERMISSIONS_DENY_PUBLISH", "[a")))
                    .singleElement()
                    .asString()
                    .contains("a list of topic filters");
        }

        @Test
        void mayReferToOthersAndIncludeFiles() throws IOException {
            Files.writeString(folder.resolve("more.conf"), "event-loops = 2\n");
            HubConfig hub =
                    load("""
                            include "more.conf"
                            mqtt.session.inflight-max = ${event-loops}
                            """)
                            .hub();
            assertThat(hub.broker().sessions().inflightMax()).isEqualTo(2);
        }
    }

    @Nested
    class Precedence {

        @Test
        void isOptionThenEnvironmentThenFileThenReference() {
            String conf = "data = from-file\nmanagement.port = 1\nevent-loops = 1";
            Map<String, String> environment =
                    Map.of("MUSTER_DATA", "from-env", "MUSTER_MANAGEMENT_PORT", "2");
            write(conf);
            Configuration configuration =
                    ConfigurationLoader.load(
                            Optional.of(file), Optional.of(Path.of("from-option")), environment);
            assertThat(configuration.hub().dataFolder()).isEqualTo(Path.of("from-option"));
            assertThat(configuration.values())
                    .extracting(EffectiveValue::key, EffectiveValue::value, EffectiveValue::origin)
                    .contains(
                            tuple("data", "from-option", "option --data"),
                            tuple(
                                    "management.port",
                                    "2",
                                    "environment variable MUSTER_MANAGEMENT_PORT"),
                            tuple("event-loops", "1", file + ":3"),
                            tuple("management.bind", "127.0.0.1", "reference"),
                            tuple(
                                    "registry.url",
                                    "jdbc:sqlite:from-option/registry.db",
                                    "option --data"));
        }

        @Test
        void letsTheEnvironmentNameTheFile() {
            write("event-loops = 4");
            Configuration configuration =
                    ConfigurationLoader.load(
                            Optional.empty(),
                            Optional.empty(),
                            Map.of("MUSTER_CONFIG", file.toString()));
            assertThat(configuration.hub().broker().loops().count()).isEqualTo(4);
        }
    }
}
