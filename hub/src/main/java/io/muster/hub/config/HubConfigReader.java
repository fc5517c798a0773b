package io.muster.hub.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.muster.auth.guard.GuardSettings;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.broker.BrokerConfig;
import io.muster.broker.ListenerConfig;
import io.muster.broker.message.Qos;
import io.muster.broker.net.proxy.Network;
import io.muster.broker.net.proxy.ProxySettings;
import io.muster.broker.net.websocket.WebSocketSettings;
import io.muster.broker.pace.RateLimits;
import io.muster.broker.pace.TakeOverLimits;
import io.muster.broker.protocol.packet.Features;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Turns a configuration that was checked into typed values. Confined to one thread. */
final class HubConfigReader {

    private final ConfigObject root;

    HubConfigReader(ConfigObject checked) {
        this.root = checked;
    }

    HubConfig hub() {
        return new HubConfig(
                Path.of(Schema.DATA.in(root)),
                broker(),
                new HubConfig.Certificates(
                        tls(),
                        CertificateSettings.authority(root),
                        CertificateSettings.enrolment(root),
                        CertificateSettings.ocsp(root),
                        CertificateSettings.trust(root),
                        CertificateSettings.compromisedKeys(root)),
                authentication(),
                new HubConfig.Permissions(
                        Schema.DENY_SUBSCRIBE.in(root), Schema.DENY_PUBLISH.in(root)),
                new HubConfig.Devices(
                        Schema.CACHE_MAX.in(root),
                        Schema.CACHE_IDLE.in(root),
                        Schema.IDLE_TIMEOUT.in(root),
                        Schema.STATE_WRITE_INTERVAL.in(root),
                        Schema.SUB_DEVICES_MAX.in(root)),
                new HubConfig.Registry(
                        Schema.REGISTRY_URL.in(root),
                        Schema.REGISTRY_USERNAME.in(root),
                        Schema.REGISTRY_PASSWORD.in(root),
                        Schema.REGISTRY_CONNECTIONS_MAX.in(root),
                        Schema.REGISTRY_TIMEOUT.in(root),
                        Schema.REGISTRY_OUTAGE_GRACE.in(root)),
                new HubConfig.Management(
                        Schema.MANAGEMENT_BIND.in(root),
                        Schema.MANAGEMENT_PORT.in(root),
                        new HubConfig.ManagementTls(
                                Schema.MANAGEMENT_TLS_ENABLED.in(root),
                                Schema.MANAGEMENT_TLS_BIND.in(root),
                                Schema.MANAGEMENT_TLS_PORT.in(root)),
                        audit()));
    }

    private HubConfig.Audit audit() {
        return new HubConfig.Audit(
                Schema.AUDIT_RETENTION.in(root),
                Schema.AUDIT_ROWS_MAX.in(root),
                Schema.AUDIT_REFUSALS_PER_MINUTE.in(root));
    }

    Configuration.Log log() {
        return new Configuration.Log(Schema.LOG_LEVEL.in(root), Schema.LOG_FORMAT.in(root));
    }

    private BrokerConfig broker() {
        List<ListenerConfig> listeners =
                ConfigurationRules.entries(root, Schema.LISTENERS).stream()
                        .map(HubConfigReader::listener)
                        .toList();
        return new BrokerConfig(
                listeners,
                new BrokerConfig.Loops(
                        Schema.EVENT_LOOPS.in(root), Schema.EVENT_LOOP_HANDFUL.in(root)),
                limits(),
                protocol(),
                sessions(),
                new BrokerConfig.Retained(
                        Schema.RETAINED_MESSAGES_MAX.in(root), Schema.RETAINED_BYTES_MAX.in(root)),
                rates(),
                new BrokerConfig.Times(
                        Schema.SYSTEM_INTERVAL.in(root),
                        Schema.STOP_GRACE.in(root),
                        Schema.STALL_TIMEOUT.in(root)));
    }

    private RateLimits rates() {
        return new RateLimits(
                Schema.RATE_CLIENT_MESSAGES.in(root),
                Schema.RATE_CLIENT_BYTES.in(root),
                Schema.RATE_MESSAGES.in(root),
                Schema.RATE_BYTES.in(root),
                Schema.RATE_CONNECTS.in(root),
                Schema.RATE_ADDRESS_CONNECTS.in(root),
                new TakeOverLimits(
                        Schema.TAKE_OVERS.in(root),
                        Schema.TAKE_OVERS_WITHIN.in(root),
                        Schema.TAKE_OVERS_FIRST_HOLD.in(root),
                        Schema.TAKE_OVERS_LONGEST_HOLD.in(root)));
    }

    private static ListenerConfig listener(ConfigObject listener) {
        String type = Schema.LISTENER_TYPE.in(listener);
        boolean webSocket = Schema.WEB_SOCKETS.contains(type);
        boolean proxy = Schema.LISTENER_PROXY_PROTOCOL.in(listener).equals(Schema.REQUIRED);
        return new ListenerConfig(
                Schema.LISTENER_NAME.in(listener),
                Schema.LISTENER_BIND.in(listener),
                Schema.LISTENER_PORT.in(listener),
                webSocket ? Optional.of(webSocket(listener)) : Optional.empty(),
                proxy ? Optional.of(proxy(listener)) : Optional.empty(),
                Schema.tlsOf(type));
    }

    private static WebSocketSettings webSocket(ConfigObject listener) {
        return new WebSocketSettings(
                Schema.LISTENER_PATH.in(listener),
                new HashSet<>(Schema.LISTENER_ORIGINS.in(listener)));
    }

    private static ProxySettings proxy(ConfigObject listener) {
        return new ProxySettings(networks(Schema.LISTENER_PROXY_TRUSTED.in(listener)));
    }

    private HubConfig.Tls tls() {
        return new HubConfig.Tls(
                Schema.TLS_PROVIDER.in(root),
                ConfigurationRules.entries(root, Schema.CERTIFICATES).stream()
                        .map(
                                entry ->
                                        new HubConfig.Tls.CertificateFiles(
                                                Path.of(Schema.CERTIFICATE_FILE.in(entry)),
                                                Path.of(Schema.KEY_FILE.in(entry))))
                        .toList(),
                Optional.of(Schema.TLS_CLIENT_CA_FILE.in(root))
                        .filter(file -> !file.isEmpty())
                        .map(Path::of),
                Schema.TLS_HANDSHAKE_TIMEOUT.in(root),
                Schema.TLS_HANDSHAKES_MAX.in(root),
                Schema.TLS_RELOAD_INTERVAL.in(root));
    }

    private BrokerConfig.Limits limits() {
        return new BrokerConfig.Limits(
                Schema.CONNECTIONS_MAX.in(root),
                Schema.CONNECT_TIMEOUT.in(root),
                Schema.DEADLINE.in(root),
                Math.toIntExact(Schema.CONNECT_SIZE_MAX.in(root)),
                Math.toIntExact(Schema.PACKET_SIZE_MAX.in(root)),
                Math.toIntExact(Schema.KEEP_ALIVE_MAX.in(root).toSeconds()),
                Schema.TOPIC_LEVELS_MAX.in(root),
                Math.toIntExact(Schema.OUTBOUND_BYTES_MAX.in(root)));
    }

    private BrokerConfig.Protocol protocol() {
        return new BrokerConfig.Protocol(
                Schema.TOPIC_ALIAS_MAX.in(root),
                Schema.RESPONSE_INFORMATION.in(root),
                Schema.CONTROL_CHARACTERS.in(root).equals("refuse"),
                Schema.DOLLAR_TOPICS.in(root).equals("refuse"),
                Schema.CHECK_PAYLOAD_FORMAT.in(root),
                Schema.DENIED_PUBLISH.in(root).equals("close"),
                new Features(
                        Qos.of(Schema.MAXIMUM_QOS.in(root)),
                        Schema.RETAIN.in(root),
                        Schema.WILDCARD_SUBSCRIPTIONS.in(root),
                        Schema.SHARED_SUBSCRIPTIONS.in(root)));
    }

    private BrokerConfig.Sessions sessions() {
        return new BrokerConfig.Sessions(
                Schema.SESSION_EXPIRY_MAX.in(root),
                Schema.SESSION_COUNT_MAX.in(root),
                Schema.QUEUE_MESSAGES_MAX.in(root),
                Schema.QUEUE_BYTES_MAX.in(root),
                Schema.INFLIGHT_MAX.in(root),
                Schema.SUBSCRIPTIONS_MAX.in(root),
                Schema.QUEUE_FULL.in(root),
                Schema.SHARE_STRATEGY.in(root));
    }

    private Set<String> anonymousListeners() {
        return ConfigurationRules.entries(root, Schema.LISTENERS).stream()
                .filter(Schema.LISTENER_ANONYMOUS::in)
                .map(Schema.LISTENER_NAME::in)
                .collect(Collectors.toUnmodifiableSet());
    }

    private HubConfig.Authentication authentication() {
        List<HubConfig.Authentication.Entry> chain =
                ConfigurationRules.entries(root, Schema.CHAIN).stream()
                        .map(
                                entry ->
                                        new HubConfig.Authentication.Entry(
                                                Schema.CHAIN_TYPE.in(entry), settings(entry)))
                        .toList();
        return new HubConfig.Authentication(
                chain,
                Schema.DEADLINE.in(root),
                Schema.SCRAM_ITERATIONS.in(root),
                guard(),
                networks(Schema.GUARD_EXEMPT.in(root)),
                anonymousListeners());
    }

    private GuardSettings guard() {
        return new GuardSettings(
                Schema.GUARD_NAME_FAILURES.in(root),
                Schema.GUARD_NAME_FAILURES_EVERYWHERE.in(root),
                Schema.GUARD_ADDRESS_NAMES.in(root),
                Schema.GUARD_WINDOW.in(root),
                Schema.GUARD_FIRST_BAR.in(root),
                Schema.GUARD_LONGEST_BAR.in(root),
                Schema.GUARD_ENTRIES_MAX.in(root),
                new GuardSettings.ConnectRate(
                        Schema.GUARD_RATE_ENABLED.in(root),
                        Schema.GUARD_RATE_CONNECTS.in(root),
                        Schema.GUARD_RATE_WITHIN.in(root),
                        Schema.GUARD_RATE_BAR_TIME.in(root)));
    }

    private static List<Network> networks(List<String> texts) {
        return texts.stream().map(Network::parse).toList();
    }

    private static AuthenticatorProvider.Settings settings(ConfigObject entry) {
        Map<String, String> values = new LinkedHashMap<>();
        collect("", entry, values);
        values.remove(Schema.CHAIN_TYPE.key());
        values.remove(Schema.CHAIN_NAME.key());
        return new AuthenticatorProvider.Settings(Schema.CHAIN_NAME.in(entry), values);
    }

    private static void collect(String prefix, ConfigObject section, Map<String, String> values) {
        for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
            String key = prefix + entry.getKey();
            if (entry.getValue() instanceof ConfigObject inner) {
                collect(key + ".", inner, values);
            } else {
                Kind.scalar(entry.getValue()).ifPresent(text -> values.put(key, text));
            }
        }
    }
}
