package io.muster.hub.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.muster.broker.ListenerConfig;
import io.muster.broker.net.proxy.Network;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EnvironmentVariablesTest extends ConfigurationFile {

    @ParameterizedTest
    @MethodSource("io.muster.hub.config.EnvironmentVariablesTest#keysAndValues")
    void setEveryKey(String key, String value) {
        assertThat(load("", Map.of(Setting.variable(key), value)).values())
                .filteredOn(effective -> effective.key().equals(key))
                .singleElement()
                .satisfies(e -> assertThat(e.origin()).endsWith(Setting.variable(key)));
    }

    @Test
    void setFieldsOfListEntries() {
        HubConfig hub =
                load(
                                "listeners = [{ name = tcp, port = 1883 }]",
                                Map.of(
                                        "MUSTER_LISTENERS_0_PORT", "1900",
                                        "MUSTER_LISTENERS_0_ALLOW_ANONYMOUS", "true",
                                        "MUSTER_LISTENERS_1_NAME", "second",
                                        "MUSTER_LISTENERS_1_PORT", "1901"))
                        .hub();
        assertThat(hub.broker().listeners())
                .containsExactly(
                        new ListenerConfig("tcp", "0.0.0.0", 1900),
                        new ListenerConfig("second", "0.0.0.0", 1901));
        assertThat(hub.authentication().anonymousListeners()).containsExactly("tcp");
    }

    @Test
    void showListsAsTheyAreSet() {
        assertThat(load("", Map.of("MUSTER_LISTENER_DEFAULTS_ORIGINS", "null,*")).values())
                .extracting(EffectiveValue::key, EffectiveValue::value)
                .contains(
                        tuple("listener-defaults.origins", "\"null, *\""),
                        tuple("listeners.0.origins", "\"null, *\""));
    }

    @Test
    void setListsWithCommas() {
        HubConfig hub =
                load(
                                "",
                                Map.of(
                                        "MUSTER_LISTENERS_0_TYPE", "ws",
                                        "MUSTER_LISTENERS_0_ORIGINS",
                                                "https://a.example, https://b.example",
                                        "MUSTER_LISTENERS_0_PROXY_PROTOCOL", "required",
                                        "MUSTER_LISTENERS_0_PROXY_TRUSTED", "192.0.2.1"))
                        .hub();
        ListenerConfig listener = hub.broker().listeners().get(0);
        assertThat(listener.webSocket().orElseThrow().origins())
                .containsExactlyInAnyOrder("https://a.example", "https://b.example");
        assertThat(listener.proxy().orElseThrow().trusted())
                .containsExactly(Network.parse("192.0.2.1"));
    }

    @Test
    void setFieldsOfAuthenticators() {
        HubConfig hub =
                load(
                                "authentication.chain = [{type = free-settings, max_tries = 1}]",
                                Map.of(
                                        "MUSTER_AUTHENTICATION_CHAIN_0_MAX_TRIES", "2",
                                        "MUSTER_AUTHENTICATION_CHAIN_0_LOCK_TIME", "3"))
                        .hub();
        assertThat(hub.authentication().chain().get(0).settings().values())
                .isEqualTo(Map.of("max_tries", "2", "lock-time", "3"));
    }

    @Test
    void setWholeLists() {
        HubConfig hub =
                load("", Map.of("MUSTER_LISTENERS", "[{name = a, port = 1}, {name=b,port=2}]"))
                        .hub();
        assertThat(hub.broker().listeners()).extracting(ListenerConfig::port).contains(1, 2);
    }

    @Test
    void thatAreReservedAreNoKeys() {
        load("", Map.of("MUSTER_JAVA_OPTS", "-Xmx1g", "MUSTER_PLUGINS", "/plugins"));
    }

    @Test
    void thatFitNowhereAreRefused() {
        assertThat(problems("", Map.of("MUSTER_MANAGEMENT_PROT", "1")))
                .containsExactly(
                        "environment variable MUSTER_MANAGEMENT_PROT: no such key; did you mean"
                                + " MUSTER_MANAGEMENT_PORT?");
        assertThat(problems("", Map.of("MUSTER_LISTENERS_6_PORT", "1")))
                .singleElement()
                .asString()
                .contains("MUSTER_LISTENERS_6_PORT", "gap", "5 entries");
        assertThat(problems("", Map.of("MUSTER_LISTENERS_X", "1")))
                .singleElement()
                .asString()
                .contains("MUSTER_LISTENERS_X", "no such key");
        assertThat(problems("", Map.of("MUSTER_LISTENERS_0_PROT", "1")))
                .singleElement()
                .asString()
                .contains("MUSTER_LISTENERS_0_PROT", "unknown key", "port");
    }

    @Test
    void withABrokenListAreRefusedWithoutRepeatingIt() {
        assertThat(problems("", Map.of("MUSTER_AUTHENTICATION_CHAIN", "[{secret = top$1")))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).doesNotContain("top"))
                .anySatisfy(
                        line -> assertThat(line).contains("MUSTER_AUTHENTICATION_CHAIN", "HOCON"));
    }

    static Stream<Arguments> keysAndValues() {
        Set<String> keys = Schema.SETTINGS.stream().map(Setting::key).collect(Collectors.toSet());
        return ConfigurationLoader.load(Optional.empty(), Optional.empty(), Map.of())
                .values()
                .stream()
                .filter(value -> keys.contains(value.key()))
                .map(value -> Arguments.of(value.key(), value.value().replace("\"", "")));
    }
}
