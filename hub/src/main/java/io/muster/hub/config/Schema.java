package io.muster.hub.config;

import io.muster.auth.DenyRules;
import io.muster.auth.application.StoredPassword;
import io.muster.auth.guard.GuardSettings.ConnectRate;
import io.muster.broker.net.tls.TlsMode;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.broker.routing.ShareStrategy;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The table of all keys: what is allowed for each. What they mean and their defaults are written in
 * {@code reference.conf}.
 */
final class Schema {

    /** The types of listeners that serve MQTT over WebSocket. */
    static final Set<String> WEB_SOCKETS = Set.of("ws", "wss");

    /** The type of listeners that demand certificates of clients. */
    static final String MUTUAL_TLS = "mtls";

    /** The types of listeners that speak TLS. */
    private static final Map<String, TlsMode> TLS_TYPES =
            Map.of("tls", TlsMode.SERVER, MUTUAL_TLS, TlsMode.MUTUAL, "wss", TlsMode.SERVER);

    /** The listener that device SDKs made for EnOS look for. */
    static final String ENOS = "enos";

    /** The port that the C SDK has built in. */
    static final int ENOS_PORT = 11_883;

    /** The listener that they look for with a certificate of theirs, and its port. */
    static final String ENOS_TLS = "enos-tls";

    static final int ENOS_TLS_PORT = 18_883;

    /** What {@code proxy-protocol} is on listeners behind proxies. */
    static final String REQUIRED = "required";

    private static final List<Setting<?>> TABLE = new ArrayList<>();

    private static final Kind<Integer> PORT = Kind.integer(0, 65_535);
    private static final Kind<String> BIND =
            Kind.text("a host name or an address", "[A-Za-z0-9._:%-]{1,253}");
    private static final Kind<String> LISTENER_KIND =
            Kind.oneOf("tcp", "tls", MUTUAL_TLS, "ws", "wss");
    private static final Kind<String> PATH =
            Kind.text("a path such as /mqtt", "/[A-Za-z0-9._~/-]{0,255}");
    private static final Kind<List<String>> ORIGINS =
            Kind.listOf(
                    Kind.text(
                            "* or an origin such as https://console.example, without a path",
                            "\\*|null|[A-Za-z][A-Za-z0-9+.-]*://[^/?#\\s]{1,255}"));
    private static final Kind<String> PROXY_PROTOCOL = Kind.oneOf("off", REQUIRED);
    private static final Kind<List<String>> NETWORKS = Kind.listOf(Kind.network());
    private static final Kind<String> NAME =
            Kind.text("1 to 32 lower-case letters, digits and dashes", "[a-z0-9-]{1,32}");
    private static final Kind<String> CLOCK_SKEW =
            Kind.text(
                    "off or 1 to 86400 (seconds)",
                    "off|[1-9][0-9]{0,3}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2}|86400");
    private static final Kind<List<String>> TOPIC_FILTERS =
            Kind.texts(
                    "a list of topic filters, such as [\"a/b\", \"c/#\"], none of a shared"
                            + " subscription",
                    DenyRules::isRule);
    private static final Kind<Integer> PER_SECOND = Kind.integer(0, 100_000_000);
    private static final Kind<Integer> GUARD_LIMIT = Kind.integer(0, 1_000_000);
    private static final Kind<Duration> GUARD_TIME = Kind.duration("1s", "1d");
    private static final Kind<Long> BYTES_PER_SECOND = Kind.size("0B", "1TiB");
    static final String PATH_PATTERN = "[^\\x00]{1,4096}";
    private static final Kind<String> FILE = Kind.text("the path of a file", PATH_PATTERN);
    private static final Kind<String> UP_TO_256 =
            Kind.text("a text of at most 256 characters", "(?s).{0,256}");

    static final Setting<String> DATA =
            entry("data", Kind.text("the path of a folder", PATH_PATTERN));

    static final Setting<List<String>> LISTENER_PRESETS =
            entry("listener-presets", Kind.listOf(Kind.oneOf(ENOS)));

    static final Setting<String> DEFAULT_TYPE = entry("listener-defaults.type", LISTENER_KIND);
    static final Setting<String> DEFAULT_BIND = entry("listener-defaults.bind", BIND);
    static final Setting<Boolean> DEFAULT_ANONYMOUS =
            entry("listener-defaults.allow-anonymous", Kind.bool());
    static final Setting<String> DEFAULT_PATH = entry("listener-defaults.path", PATH);
    static final Setting<List<String>> DEFAULT_ORIGINS =
            entry("listener-defaults.origins", ORIGINS);
    static final Setting<String> DEFAULT_PROXY_PROTOCOL =
            entry("listener-defaults.proxy-protocol", PROXY_PROTOCOL);
    static final Setting<List<String>> DEFAULT_PROXY_TRUSTED =
            entry("listener-defaults.proxy-trusted", NETWORKS);

    static final Setting<TlsProvider> TLS_PROVIDER =
            entry("tls.provider", Kind.oneOf(TlsProvider.class));
    static final Setting<String> TLS_CLIENT_CA_FILE =
            entry(
                    "tls.client-ca-file",
                    Kind.text("the path of a file, or empty", "|" + PATH_PATTERN));
    static final Setting<Duration> TLS_HANDSHAKE_TIMEOUT =
            entry("tls.handshake-timeout", Kind.duration("100ms", "10m"));
    static final Setting<Integer> TLS_HANDSHAKES_MAX =
            entry("tls.handshakes-max", Kind.integer(1, 1_000_000));
    static final Setting<Duration> TLS_RELOAD_INTERVAL =
            entry("tls.reload-interval", Kind.duration("100ms", "1d"));

    static {
        TABLE.addAll(CertificateSettings.ALL);
    }

    static final Setting<String> MANAGEMENT_BIND = entry("management.bind", BIND);
    static final Setting<Integer> MANAGEMENT_PORT = entry("management.port", PORT);
    static final Setting<Boolean> MANAGEMENT_TLS_ENABLED =
            entry("management.tls.enabled", Kind.bool());
    static final Setting<String> MANAGEMENT_TLS_BIND = entry("management.tls.bind", BIND);
    static final Setting<Integer> MANAGEMENT_TLS_PORT = entry("management.tls.port", PORT);
    static final Setting<Duration> AUDIT_RETENTION =
            entry("management.audit.retention", Kind.duration("1h", "3650d"));
    static final Setting<Integer> AUDIT_ROWS_MAX =
            entry("management.audit.rows-max", Kind.integer(1_000, 100_000_000));
    static final Setting<Integer> AUDIT_REFUSALS_PER_MINUTE =
            entry("management.audit.refusals-per-minute", Kind.integer(1, 10_000));

    static final Setting<Duration> DEADLINE =
            entry("authentication.deadline", Kind.duration("100ms", "60s"));

    static final Setting<Integer> SCRAM_ITERATIONS =
            entry(
                    "authentication.scram-iterations",
                    Kind.integer(
                            StoredPassword.SCRAM_ITERATIONS_MIN,
                            StoredPassword.SCRAM_ITERATIONS_MAX));

    static final Setting<Integer> GUARD_NAME_FAILURES =
            entry("authentication.guard.name-failures", GUARD_LIMIT);
    static final Setting<Integer> GUARD_NAME_FAILURES_EVERYWHERE =
            entry("authentication.guard.name-failures-everywhere", GUARD_LIMIT);
    static final Setting<Integer> GUARD_ADDRESS_NAMES =
            entry("authentication.guard.address-names", GUARD_LIMIT);
    static final Setting<Duration> GUARD_WINDOW = entry("authentication.guard.window", GUARD_TIME);
    static final Setting<Duration> GUARD_FIRST_BAR =
            entry("authentication.guard.first-bar", GUARD_TIME);
    static final Setting<Duration> GUARD_LONGEST_BAR =
            entry("authentication.guard.longest-bar", GUARD_TIME);
    static final Setting<List<String>> GUARD_EXEMPT =
            entry("authentication.guard.exempt", NETWORKS);
    static final Setting<Integer> GUARD_ENTRIES_MAX =
            entry("authentication.guard.entries-max", Kind.integer(1_000, 10_000_000));
    static final Setting<Boolean> GUARD_RATE_ENABLED =
            entry("authentication.guard.connect-rate.enabled", Kind.bool());
    static final Setting<Integer> GUARD_RATE_CONNECTS =
            entry(
                    "authentication.guard.connect-rate.connects",
                    Kind.integer(1, ConnectRate.CONNECTS_MAX));
    static final Setting<Duration> GUARD_RATE_WITHIN =
            entry("authentication.guard.connect-rate.within", GUARD_TIME);
    static final Setting<Duration> GUARD_RATE_BAR_TIME =
            entry("authentication.guard.connect-rate.bar-time", GUARD_TIME);

    static final Setting<List<String>> DENY_SUBSCRIBE =
            entry("permissions.deny-subscribe", TOPIC_FILTERS);
    static final Setting<List<String>> DENY_PUBLISH =
            entry("permissions.deny-publish", TOPIC_FILTERS);

    static final Setting<Integer> EVENT_LOOPS = entry("event-loops", Kind.integer(0, 1024));
    static final Setting<Integer> EVENT_LOOP_HANDFUL =
            entry("event-loop-handful", Kind.integer(1, 1_000_000));
    static final Setting<Integer> CONNECTIONS_MAX =
            entry("mqtt.connections-max", Kind.integer(1, 10_000_000));
    static final Setting<Duration> CONNECT_TIMEOUT =
            entry("mqtt.connect-timeout", Kind.duration("100ms", "10m"));
    static final Setting<Long> CONNECT_SIZE_MAX =
            entry("mqtt.connect-size-max", Kind.size("128B", "256MiB"));
    static final Setting<Long> PACKET_SIZE_MAX =
            entry("mqtt.packet-size-max", Kind.size("128B", "256MiB"));
    static final Setting<Duration> KEEP_ALIVE_MAX =
            entry("mqtt.keep-alive-max", Kind.seconds("0s", "65535s"));
    static final Setting<Integer> TOPIC_LEVELS_MAX =
            entry("mqtt.topic-levels-max", Kind.integer(1, 1_000));
    static final Setting<Long> OUTBOUND_BYTES_MAX =
            entry("mqtt.outbound-bytes-max", Kind.size("4KiB", "1GiB"));
    static final Setting<Integer> TOPIC_ALIAS_MAX =
            entry("mqtt.topic-alias-max", Kind.integer(0, 65_535));
    static final Setting<String> RESPONSE_INFORMATION =
            entry("mqtt.response-information", UP_TO_256);
    static final Setting<String> CONTROL_CHARACTERS =
            entry("mqtt.control-characters", Kind.oneOf("refuse", "accept"));
    static final Setting<String> DOLLAR_TOPICS =
            entry("mqtt.dollar-topics", Kind.oneOf("refuse", "accept"));
    static final Setting<Boolean> CHECK_PAYLOAD_FORMAT =
            entry("mqtt.check-payload-format", Kind.bool());
    static final Setting<String> DENIED_PUBLISH =
            entry("mqtt.denied-publish", Kind.oneOf("drop", "close"));
    static final Setting<Integer> MAXIMUM_QOS = entry("mqtt.maximum-qos", Kind.integer(0, 2));
    static final Setting<Boolean> RETAIN = entry("mqtt.retain", Kind.bool());
    static final Setting<Boolean> WILDCARD_SUBSCRIPTIONS =
            entry("mqtt.wildcard-subscriptions", Kind.bool());
    static final Setting<Boolean> SHARED_SUBSCRIPTIONS =
            entry("mqtt.shared-subscriptions", Kind.bool());
    static final Setting<Duration> SYSTEM_INTERVAL =
            entry("mqtt.sys-interval", Kind.seconds("0s", "86400s"));
    static final Setting<Duration> STOP_GRACE = entry("mqtt.stop-grace", Kind.duration("0s", "5m"));
    static final Setting<Duration> STALL_TIMEOUT =
            entry("mqtt.stall-timeout", Kind.duration("100ms", "1h"));
    static final Setting<ShareStrategy> SHARE_STRATEGY =
            entry("mqtt.shared-subscription-strategy", Kind.oneOf(ShareStrategy.class));

    static final Setting<Duration> SESSION_EXPIRY_MAX =
            entry("mqtt.session.expiry-max", Kind.duration("0s", "3650d"));
    static final Setting<Integer> SESSION_COUNT_MAX =
            entry("mqtt.session.count-max", Kind.integer(1, 10_000_000));
    static final Setting<Integer> QUEUE_MESSAGES_MAX =
            entry("mqtt.session.queue-messages-max", Kind.integer(1, 1_000_000));
    static final Setting<Long> QUEUE_BYTES_MAX =
            entry("mqtt.session.queue-bytes-max", Kind.size("1KiB", "1GiB"));
    static final Setting<QueuePolicy> QUEUE_FULL =
            entry("mqtt.session.queue-full", Kind.oneOf(QueuePolicy.class));
    static final Setting<Integer> INFLIGHT_MAX =
            entry("mqtt.session.inflight-max", Kind.integer(1, 65_535));
    static final Setting<Integer> SUBSCRIPTIONS_MAX =
            entry("mqtt.session.subscriptions-max", Kind.integer(1, 100_000));

    static final Setting<Integer> RATE_CLIENT_MESSAGES =
            entry("mqtt.rate-limits.client-messages", PER_SECOND);
    static final Setting<Long> RATE_CLIENT_BYTES =
            entry("mqtt.rate-limits.client-bytes", BYTES_PER_SECOND);
    static final Setting<Integer> RATE_MESSAGES = entry("mqtt.rate-limits.messages", PER_SECOND);
    static final Setting<Long> RATE_BYTES = entry("mqtt.rate-limits.bytes", BYTES_PER_SECOND);
    static final Setting<Integer> RATE_CONNECTS = entry("mqtt.rate-limits.connects", PER_SECOND);
    static final Setting<Integer> RATE_ADDRESS_CONNECTS =
            entry("mqtt.rate-limits.address-connects", PER_SECOND);

    static final Setting<Integer> TAKE_OVERS =
            entry("mqtt.take-overs.count", Kind.integer(0, 1_000_000));
    static final Setting<Duration> TAKE_OVERS_WITHIN =
            entry("mqtt.take-overs.within", Kind.duration("1s", "1d"));
    static final Setting<Duration> TAKE_OVERS_FIRST_HOLD =
            entry("mqtt.take-overs.first-hold", Kind.duration("100ms", "10m"));
    static final Setting<Duration> TAKE_OVERS_LONGEST_HOLD =
            entry("mqtt.take-overs.longest-hold", Kind.duration("100ms", "10m"));

    static final Setting<Integer> RETAINED_MESSAGES_MAX =
            entry("mqtt.retained.messages-max", Kind.integer(0, 100_000_000));
    static final Setting<Long> RETAINED_BYTES_MAX =
            entry("mqtt.retained.bytes-max", Kind.size("0B", "1TiB"));

    static final Setting<Integer> CACHE_MAX =
            entry("devices.cache-max", Kind.integer(100, 10_000_000));
    static final Setting<Duration> CACHE_IDLE =
            entry("devices.cache-idle", Kind.duration("1s", "365d"));
    static final Setting<Duration> IDLE_TIMEOUT =
            entry("devices.idle-timeout", Kind.duration("0s", "365d"));
    static final Setting<Duration> STATE_WRITE_INTERVAL =
            entry("devices.state-write-interval", Kind.duration("10ms", "1m"));
    static final Setting<Integer> SUB_DEVICES_MAX =
            entry("devices.sub-devices-max", Kind.integer(1, 4_000));

    static final Setting<String> REGISTRY_URL =
            entry(
                    "registry.url",
                    Kind.text(
                            "jdbc:sqlite:FILE or jdbc:postgresql://HOST/DATABASE, without"
                                    + " password=",
                            "(?!(?i).*password=)jdbc:(sqlite:(?!:|file:)[^?]+|postgresql:.+)"));
    static final Setting<String> REGISTRY_USERNAME = entry("registry.username", UP_TO_256);
    static final Setting<String> REGISTRY_PASSWORD = entry("registry.password", UP_TO_256);
    static final Setting<Integer> REGISTRY_CONNECTIONS_MAX =
            entry("registry.connections-max", Kind.integer(1, 100));
    static final Setting<Duration> REGISTRY_TIMEOUT =
            entry("registry.timeout", Kind.duration("250ms", "5m"));
    static final Setting<Duration> REGISTRY_OUTAGE_GRACE =
            entry("registry.outage-grace", Kind.duration("0s", "30d"));

    static final Setting<String> LOG_LEVEL =
            entry("log.level", Kind.oneOf("error", "warn", "info", "debug", "trace"));
    static final Setting<String> LOG_FORMAT = entry("log.format", Kind.oneOf("text", "json"));

    /** The settings with a place of their own, in the order of {@code reference.conf}. */
    static final List<Setting<?>> SETTINGS = Collections.unmodifiableList(TABLE);

    static final Setting<String> LISTENER_NAME = new Setting<>("name", NAME);
    static final Setting<String> LISTENER_TYPE = new Setting<>("type", LISTENER_KIND);
    static final Setting<String> LISTENER_BIND = new Setting<>("bind", BIND);
    static final Setting<Integer> LISTENER_PORT = new Setting<>("port", PORT);
    static final Setting<Boolean> LISTENER_ANONYMOUS =
            new Setting<>("allow-anonymous", Kind.bool());
    static final Setting<String> LISTENER_PATH = new Setting<>("path", PATH);
    static final Setting<List<String>> LISTENER_ORIGINS = new Setting<>("origins", ORIGINS);
    static final Setting<String> LISTENER_PROXY_PROTOCOL =
            new Setting<>("proxy-protocol", PROXY_PROTOCOL);
    static final Setting<List<String>> LISTENER_PROXY_TRUSTED =
            new Setting<>("proxy-trusted", NETWORKS);
    static final Setting<String> CERTIFICATE_FILE = new Setting<>("certificate-file", FILE);
    static final Setting<String> KEY_FILE = new Setting<>("key-file", FILE);
    static final Setting<String> CHAIN_TYPE = new Setting<>("type", NAME);
    static final Setting<String> CHAIN_NAME = new Setting<>("name", NAME);

    /** The list of listeners, and the section with the values that its entries leave out. */
    static final EntryList LISTENERS =
            new EntryList(
                    "listeners",
                    List.of(
                            LISTENER_NAME,
                            LISTENER_TYPE,
                            LISTENER_BIND,
                            LISTENER_PORT,
                            LISTENER_ANONYMOUS,
                            LISTENER_PATH,
                            LISTENER_ORIGINS,
                            LISTENER_PROXY_PROTOCOL,
                            LISTENER_PROXY_TRUSTED),
                    false);

    /** The certificates of the server. */
    static final EntryList CERTIFICATES =
            new EntryList("tls.certificates", List.of(CERTIFICATE_FILE, KEY_FILE), false);

    /** The authenticator chain; what settings an entry has is its provider's business. */
    static final EntryList CHAIN =
            new EntryList("authentication.chain", List.of(CHAIN_TYPE, CHAIN_NAME), true);

    static final List<EntryList> LISTS =
            List.of(LISTENERS, CERTIFICATES, CertificateSettings.EXTERNAL, CHAIN);

    /** Where the listeners' values stand that their entries leave out. */
    static final String LISTENER_DEFAULTS = "listener-defaults";

    /**
     * The authenticators that come with the hub, and the settings that an entry of theirs may have.
     * Plug-ins add more, whose settings are their own business.
     */
    static final Map<String, List<Setting<?>>> BUILT_IN_AUTHENTICATORS =
            Map.of(
                    "device-secret",
                    List.of(
                            new Setting<>("allow-weak-digests", Kind.bool()),
                            new Setting<>("max-clock-skew", CLOCK_SKEW)),
                    "application",
                    List.of(),
                    "certificate",
                    List.of());

    private Schema() {}

    /**
     * A list of entries.
     *
     * @param key where it stands
     * @param settings what each entry has
     * @param open whether an entry may have further settings, which are texts
     */
    record EntryList(String key, List<Setting<?>> settings, boolean open) {}

    /** Who shows certificates on listeners of this type; empty without TLS. */
    static Optional<TlsMode> tlsOf(String listenerType) {
        return Optional.ofNullable(TLS_TYPES.get(listenerType));
    }

    /** All keys, of settings and lists. */
    static Set<String> keys() {
        Set<String> keys = new TreeSet<>();
        SETTINGS.forEach(setting -> keys.add(setting.key()));
        LISTS.forEach(list -> keys.add(list.key()));
        return keys;
    }

    /** What has keys in it: all that stands before a dot of a key. */
    static Set<String> sections() {
        Set<String> sections = new TreeSet<>();
        for (String key : keys()) {
            for (int dot = key.indexOf('.'); dot > 0; dot = key.indexOf('.', dot + 1)) {
                sections.add(key.substring(0, dot));
            }
        }
        return sections;
    }

    private static <T> Setting<T> entry(String key, Kind<T> kind) {
        Setting<T> setting = new Setting<>(key, kind);
        TABLE.add(setting);
        return setting;
    }
}
