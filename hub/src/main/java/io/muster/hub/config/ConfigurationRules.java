package io.muster.hub.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The rules between several values, each of which is allowed by itself. Confined to one thread. */
final class ConfigurationRules {

    private static final String WITHOUT_AUTHORITY = " and certificates.authority.enabled = false";

    private final ConfigObject root;
    private final Set<String> authenticatorTypes;
    private final Problems problems;

    ConfigurationRules(ConfigObject root, Set<String> authenticatorTypes, Problems problems) {
        this.root = root;
        this.authenticatorTypes = authenticatorTypes;
        this.problems = problems;
    }

    void run() {
        List<ConfigObject> listeners = entries(root, Schema.LISTENERS);
        List<ConfigObject> chain = entries(root, Schema.CHAIN);
        checkNames(Schema.LISTENERS.key(), listeners);
        checkNames(Schema.CHAIN.key(), chain);
        checkPorts(listeners);
        checkUse(listeners);
        checkCertificates(listeners);
        CertificateSettings.check(root, problems);
        checkTypes(chain);
        checkBars();
        checkSomebodyIsAsked(listeners, chain);
    }

    /** The entries of a list that was checked. */
    static List<ConfigObject> entries(ConfigObject root, Schema.EntryList list) {
        return Setting.find(root, list.key()).stream()
                .flatMap(value -> ((ConfigList) value).stream())
                .map(ConfigObject.class::cast)
                .toList();
    }

    private void checkNames(String list, List<ConfigObject> entries) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < entries.size(); i++) {
            if (!names.add(Schema.LISTENER_NAME.in(entries.get(i)))) {
                refuse(list + "." + i + ".name", entries.get(i), "name", "unique in " + list);
            }
        }
    }

    private void checkPorts(List<ConfigObject> listeners) {
        List<Address> taken = new ArrayList<>();
        taken.add(
                new Address(
                        "management",
                        Schema.MANAGEMENT_BIND.in(root),
                        Schema.MANAGEMENT_PORT.in(root)));
        if (Schema.MANAGEMENT_TLS_ENABLED.in(root)) {
            checkManagementTls(taken);
        }
        for (int i = 0; i < listeners.size(); i++) {
            ConfigObject listener = listeners.get(i);
            Address address =
                    new Address(
                            Schema.LISTENERS.key() + "." + i,
                            Schema.LISTENER_BIND.in(listener),
                            Schema.LISTENER_PORT.in(listener));
            String key = address.owner + ".port";
            taken.stream()
                    .filter(address::meets)
                    .findFirst()
                    .ifPresent(
                            other ->
                                    refuse(
                                            key,
                                            listener,
                                            "port",
                                            "another port than that of " + other.owner));
            taken.add(address);
        }
    }

    private void checkManagementTls(List<Address> taken) {
        Address address =
                new Address(
                        "management.tls",
                        Schema.MANAGEMENT_TLS_BIND.in(root),
                        Schema.MANAGEMENT_TLS_PORT.in(root));
        if (taken.stream().anyMatch(address::meets)) {
            String key = Schema.MANAGEMENT_TLS_PORT.key();
            refuse(key, root, key, "another port than that of management");
        }
        taken.add(address);
    }

    /** What would have no effect, or let nobody in, is a mistake of whoever wrote it. */
    private void checkUse(List<ConfigObject> listeners) {
        for (int i = 0; i < listeners.size(); i++) {
            ConfigObject listener = listeners.get(i);
            String entry = Schema.LISTENERS.key() + "." + i;
            if (!Schema.WEB_SOCKETS.contains(Schema.LISTENER_TYPE.in(listener))) {
                String needed = "type = ws or wss";
                checkLeftOut(entry, listener, Schema.LISTENER_PATH, Schema.DEFAULT_PATH, needed);
                checkLeftOut(
                        entry, listener, Schema.LISTENER_ORIGINS, Schema.DEFAULT_ORIGINS, needed);
            }
            if (!Schema.LISTENER_PROXY_PROTOCOL.in(listener).equals(Schema.REQUIRED)) {
                checkLeftOut(
                        entry,
                        listener,
                        Schema.LISTENER_PROXY_TRUSTED,
                        Schema.DEFAULT_PROXY_TRUSTED,
                        "proxy-protocol = required");
            } else if (Schema.LISTENER_PROXY_TRUSTED.in(listener).isEmpty()) {
                String field = Schema.LISTENER_PROXY_TRUSTED.key();
                refuse(entry + "." + field, listener, field, "at least one network");
            }
        }
    }

    /**
     * What a listener has to show and whom it trusts is there before it is; an own authority gives
     * both.
     */
    private void checkCertificates(List<ConfigObject> listeners) {
        if (CertificateSettings.hasAuthority(root)) {
            return;
        }
        boolean isEmpty = entries(root, Schema.CERTIFICATES).isEmpty();
        if (isEmpty && Schema.MANAGEMENT_TLS_ENABLED.in(root)) {
            String key = Schema.CERTIFICATES.key();
            refuse(key, root, key, "at least one certificate, since management.tls.enabled = true");
        }
        listeners.stream()
                .filter(each -> Schema.tlsOf(Schema.LISTENER_TYPE.in(each)).isPresent())
                .findFirst()
                .filter(any -> isEmpty)
                .ifPresent(
                        listener ->
                                refuse(
                                        Schema.CERTIFICATES.key(),
                                        root,
                                        Schema.CERTIFICATES.key(),
                                        "at least one certificate, since "
                                                + listenerOf(listener)
                                                + WITHOUT_AUTHORITY));
        listeners.stream()
                .filter(each -> Schema.LISTENER_TYPE.in(each).equals(Schema.MUTUAL_TLS))
                .findFirst()
                .filter(any -> Schema.TLS_CLIENT_CA_FILE.in(root).isEmpty())
                .filter(any -> !CertificateSettings.trustsOthers(root))
                .ifPresent(
                        listener ->
                                refuse(
                                        Schema.TLS_CLIENT_CA_FILE.key(),
                                        root,
                                        Schema.TLS_CLIENT_CA_FILE.key(),
                                        "the path of a file, since "
                                                + listenerOf(listener)
                                                + WITHOUT_AUTHORITY));
    }

    private static String listenerOf(ConfigObject listener) {
        return "listener %s is of type = %s"
                .formatted(Schema.LISTENER_NAME.in(listener), Schema.LISTENER_TYPE.in(listener));
    }

    private <T> void checkLeftOut(
            String entry,
            ConfigObject listener,
            Setting<T> setting,
            Setting<T> ofAll,
            String needed) {
        if (!setting.in(listener).equals(ofAll.in(root))) {
            String field = setting.key();
            refuse(entry + "." + field, listener, field, "left out without " + needed);
        }
    }

    private void checkTypes(List<ConfigObject> chain) {
        for (int i = 0; i < chain.size(); i++) {
            if (!authenticatorTypes.contains(Schema.CHAIN_TYPE.in(chain.get(i)))) {
                refuse(
                        Schema.CHAIN.key() + "." + i + ".type",
                        chain.get(i),
                        "type",
                        "one of: " + String.join(", ", authenticatorTypes));
            }
        }
    }

    private void checkBars() {
        Duration first = Schema.GUARD_FIRST_BAR.in(root);
        if (Schema.GUARD_LONGEST_BAR.in(root).compareTo(first) < 0) {
            String key = Schema.GUARD_LONGEST_BAR.key();
            refuse(key, root, key, "at least " + Schema.GUARD_FIRST_BAR.key());
        }
    }

    /**
     * An empty chain refuses everybody, so it makes sense only where all come without credentials.
     */
    private void checkSomebodyIsAsked(List<ConfigObject> listeners, List<ConfigObject> chain) {
        if (listeners.isEmpty()) {
            refuse(Schema.LISTENERS.key(), root, Schema.LISTENERS.key(), "at least one listener");
        }
        if (chain.isEmpty() && !listeners.stream().allMatch(Schema.LISTENER_ANONYMOUS::in)) {
            refuse(
                    Schema.CHAIN.key(),
                    root,
                    Schema.CHAIN.key(),
                    "at least one authenticator, unless every listener has allow-anonymous = true");
        }
    }

    private void refuse(String key, ConfigObject object, String field, String allowed) {
        ConfigValue value = Setting.find(object, field).orElse(object);
        problems.notAllowed(key, value, allowed);
    }

    private record Address(String owner, String bind, int port) {

        private static final Set<String> ALL = Set.of("0.0.0.0", "::");

        boolean meets(Address other) {
            return port != 0
                    && port == other.port
                    && (bind.equals(other.bind) || ALL.contains(bind) || ALL.contains(other.bind));
        }
    }
}
