package io.muster.hub.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.ca.crl.CrlTimes;
import io.muster.ca.issuance.AlternativeName;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.devices.certificate.Sha256;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.EnrolmentConfig;
import io.muster.hub.config.certificates.OcspConfig;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The keys under {@code certificates}: what is allowed for each, which rules are between them, and
 * how they are read. Shared, without state.
 */
final class CertificateSettings {

    private static final List<Setting<?>> TABLE = new ArrayList<>();

    private static final String FILES = "files";
    private static final String PKCS11 = "pkcs11";
    private static final String UNCHECKED = "unchecked";
    private static final String ACCEPT = "accept";

    /** Where the values stand that other authorities leave out. */
    static final String EXTERNAL_DEFAULTS = "certificates.trust.external-defaults";

    /** RSA of 4096 bits takes seconds to make, and is for roots. */
    private static final Set<KeyKind> EC = EnumSet.of(KeyKind.EC_P256, KeyKind.EC_P384);

    private static final Set<KeyKind> RSA =
            EnumSet.of(KeyKind.RSA_2048, KeyKind.RSA_3072, KeyKind.RSA_4096);

    private static final Kind<String> FILE =
            Kind.text("the path of a file, or empty", "|" + Schema.PATH_PATTERN);

    private static final Setting<Boolean> ENABLED =
            entry("certificates.authority.enabled", Kind.bool());
    private static final Setting<String> ORGANIZATION =
            entry(
                    "certificates.authority.organization",
                    Kind.text(
                            "a text of 1 to " + Subject.LONGEST_PART + " characters",
                            "[^\\p{Cntrl}]{1," + Subject.LONGEST_PART + "}"));
    private static final Setting<String> PUBLIC_ADDRESS =
            entry(
                    "certificates.authority.public-address",
                    Kind.text(
                            "an address such as http://hub.example:8080 without a slash at its end,"
                                    + " or empty",
                            "|https?://[A-Za-z0-9._:\\[\\]-]{1,253}(/[A-Za-z0-9._~/-]{0,100}[A-Za-z0-9._~-])?"));

    private static final Setting<String> STORE =
            entry("certificates.authority.keys.store", Kind.oneOf(FILES, PKCS11));
    private static final Setting<String> PASSWORD_FILE =
            entry("certificates.authority.keys.password-file", FILE);
    private static final Setting<String> LIBRARY =
            entry("certificates.authority.keys.pkcs11-library", FILE);
    private static final Setting<Integer> SLOT =
            entry("certificates.authority.keys.pkcs11-slot", Kind.integer(0, 1_000));
    private static final Setting<String> PIN_FILE =
            entry("certificates.authority.keys.pkcs11-pin-file", FILE);
    private static final Setting<KeyKind> ROOT_KEY =
            entry("certificates.authority.keys.root", oneOf(CertificateKind.ROOT.keys()));
    private static final Setting<KeyKind> DEVICE_EC_KEY =
            entry("certificates.authority.keys.device-ec", oneOf(EC));
    private static final Setting<KeyKind> DEVICE_RSA_KEY =
            entry("certificates.authority.keys.device-rsa", oneOf(RSA));
    private static final Setting<KeyKind> SERVER_ISSUER_KEY =
            entry("certificates.authority.keys.server", oneOf(CertificateKind.SERVER.keys()));

    private static final Setting<Integer> PARTITIONS =
            entry("certificates.authority.crl.partitions", Kind.integer(1, 1_024));
    private static final Setting<Duration> CRL_LIFE =
            entry("certificates.authority.crl.life", Kind.duration("2s", "365d"));
    private static final Setting<Duration> CRL_REISSUE =
            entry("certificates.authority.crl.reissue-after", Kind.duration("1s", "182d"));

    private static final Setting<Duration> ROOT_LIFE =
            entry("certificates.authority.life.root", Kind.duration("1d", "7320d"));
    private static final Setting<Duration> ISSUING_LIFE =
            entry("certificates.authority.life.issuing", Kind.duration("1d", "3660d"));

    private static final Setting<List<String>> SERVER_NAMES =
            entry(
                    "certificates.authority.server.names",
                    Kind.texts(
                            "a list of host names and IP addresses, at most " + Subject.MOST_NAMES,
                            CertificateSettings::isServerName));
    private static final Setting<List<String>> SERVER_KEYS =
            entry(
                    "certificates.authority.server.keys",
                    Kind.listOf(
                            Kind.oneOf(
                                    CertificateKind.SERVER.keys().stream()
                                            .sorted()
                                            .map(CertificateSettings::word)
                                            .toArray(String[]::new))));
    private static final Setting<Duration> SERVER_LIFE =
            entry("certificates.authority.server.life", Kind.duration("1h", "398d"));

    private static final Setting<Integer> LIVE_MAX =
            entry("certificates.enrolment.live-max", Kind.integer(1, 50));
    private static final Setting<Integer> VALID_DAYS =
            entry("certificates.enrolment.valid-days", Kind.integer(1, 3_650));
    private static final Setting<Integer> VALID_DAYS_MAX =
            entry("certificates.enrolment.valid-days-max", Kind.integer(1, 3_650));
    private static final Setting<Duration> OVERLAP =
            entry("certificates.enrolment.overlap", Kind.duration("0s", "365d"));
    private static final Setting<Boolean> EARLY_RENEWAL =
            entry("certificates.enrolment.early-renewal", Kind.bool());
    private static final Setting<Integer> DEVICE_REQUESTS =
            entry("certificates.enrolment.device-requests-per-hour", Kind.integer(1, 100_000));
    private static final Setting<Integer> ENROLMENT_REQUESTS =
            entry("certificates.enrolment.requests-per-second", Kind.integer(1, 1_000_000));
    private static final Setting<Duration> ENROLMENT_DEADLINE =
            entry("certificates.enrolment.deadline", Kind.duration("100ms", "9s"));

    private static final Setting<List<String>> COMPROMISED_KEYS =
            entry(
                    "certificates.compromised-keys",
                    Kind.texts(
                            "a list of paths of files", text -> text.matches(Schema.PATH_PATTERN)));

    private static final Setting<Boolean> OCSP_ENABLED =
            entry("certificates.ocsp.enabled", Kind.bool());
    private static final Setting<Boolean> OCSP_IN_CERTIFICATES =
            entry("certificates.ocsp.in-certificates", Kind.bool());
    private static final Setting<Duration> OCSP_ANSWER_LIFE =
            entry("certificates.ocsp.answer-life", Kind.duration("1m", "7d"));
    private static final Setting<Integer> OCSP_REQUESTS =
            entry("certificates.ocsp.requests-per-second", Kind.integer(1, 1_000_000));

    private static final Kind<List<String>> PLACES =
            Kind.texts(
                    "a list of paths of files and of addresses of http or https",
                    text -> text.matches(Schema.PATH_PATTERN));
    private static final Kind<List<String>> PINS =
            Kind.texts(
                    "a list of SHA-256 of certificates, as openssl x509 -fingerprint -sha256 writes"
                            + " them",
                    text -> text.matches("([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}"));
    private static final Kind<String> REVOCATION = Kind.oneOf("crls", UNCHECKED);
    private static final Kind<String> STALE = Kind.oneOf("refuse", ACCEPT);
    private static final Kind<Duration> GRACE = Kind.duration("0s", "30d");
    private static final Kind<Binding> BINDING = Kind.oneOf(Binding.class);

    private static final Setting<Duration> CRL_INTERVAL =
            entry("certificates.trust.crl-interval", Kind.duration("1s", "1d"));
    private static final Setting<String> STALE_CONNECTIONS =
            entry(
                    "certificates.trust.stale-connections",
                    Kind.text("keep, or seconds from 0 to 9999999", "keep|[0-9]{1,7}"));

    /** Of another authority; and what is in force where that says nothing. */
    private static final Setting<String> EXTERNAL_NAME =
            new Setting<>(
                    "name",
                    Kind.text("1 to 32 lower-case letters, digits and dashes", "[a-z0-9-]{1,32}"));

    private static final Setting<String> EXTERNAL_CA_FILE = external("ca-file", FILE);
    private static final Setting<String> EXTERNAL_CA_URL =
            external(
                    "ca-url",
                    Kind.text(
                            "an address of http or https, or empty",
                            "|https?://[^@/:]{1,253}(:[0-9]{1,5})?(/[!-~]{0,2000})?"));
    private static final Setting<List<String>> EXTERNAL_CA_PINS = external("ca-sha256", PINS);
    private static final Setting<List<String>> EXTERNAL_AUTHORITY_PINS =
            external("authority-sha256", PINS);
    private static final Setting<String> EXTERNAL_REVOCATION = external("revocation", REVOCATION);
    private static final Setting<List<String>> EXTERNAL_CRLS = external("crls", PLACES);
    private static final Setting<Boolean> EXTERNAL_PARTITIONED =
            external("partitioned", Kind.bool());
    private static final Setting<List<String>> EXTERNAL_AUTHORITY_CRLS =
            external("authority-crls", PLACES);
    private static final Setting<Duration> EXTERNAL_GRACE = external("grace", GRACE);
    private static final Setting<String> EXTERNAL_STALE = external("stale-crls", STALE);
    private static final Setting<Binding> EXTERNAL_BINDING = external("binding", BINDING);

    /** The other authorities. */
    static final Schema.EntryList EXTERNAL =
            new Schema.EntryList(
                    "certificates.trust.external",
                    List.of(
                            EXTERNAL_NAME,
                            EXTERNAL_CA_FILE,
                            EXTERNAL_CA_URL,
                            EXTERNAL_CA_PINS,
                            EXTERNAL_AUTHORITY_PINS,
                            EXTERNAL_REVOCATION,
                            EXTERNAL_CRLS,
                            EXTERNAL_PARTITIONED,
                            EXTERNAL_AUTHORITY_CRLS,
                            EXTERNAL_GRACE,
                            EXTERNAL_STALE,
                            EXTERNAL_BINDING),
                    false);

    /** All of them, in the order of {@code reference.conf}. */
    static final List<Setting<?>> ALL = Collections.unmodifiableList(TABLE);

    private CertificateSettings() {}

    private static <T> Setting<T> entry(String key, Kind<T> kind) {
        Setting<T> setting = new Setting<>(key, kind);
        TABLE.add(setting);
        return setting;
    }

    /** Of an entry, and of all that leave it out. */
    private static <T> Setting<T> external(String name, Kind<T> kind) {
        var unused = entry(EXTERNAL_DEFAULTS + "." + name, kind);
        return new Setting<>(name, kind);
    }

    private static Kind<KeyKind> oneOf(Set<KeyKind> kinds) {
        return Kind.oneOf(kinds.stream().sorted().toList());
    }

    private static boolean isServerName(String text) {
        try {
            return !AlternativeName.ofServer(text).value().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Whether the hub has an authority of its own, in a configuration that may be wrong yet. */
    static boolean hasAuthority(ConfigObject root) {
        return Setting.find(root, ENABLED.key()).flatMap(ENABLED.kind()::read).orElse(false);
    }

    /** The rules between several values, each of which is allowed by itself. */
    static void check(ConfigObject root, Problems problems) {
        checkExternal(root, problems);
        if (CRL_LIFE.in(root).compareTo(CRL_REISSUE.in(root).multipliedBy(2)) < 0) {
            refuse(root, problems, CRL_LIFE, "at least twice " + CRL_REISSUE.key());
        }
        if (ROOT_LIFE.in(root).compareTo(ISSUING_LIFE.in(root)) < 0) {
            refuse(root, problems, ROOT_LIFE, "at least " + ISSUING_LIFE.key());
        }
        if (ISSUING_LIFE.in(root).compareTo(SERVER_LIFE.in(root)) < 0) {
            refuse(root, problems, ISSUING_LIFE, "at least " + SERVER_LIFE.key());
        }
        boolean unknown = Schema.MANAGEMENT_PORT.in(root) == 0 && PUBLIC_ADDRESS.in(root).isEmpty();
        if (ENABLED.in(root) && unknown) {
            refuse(
                    root,
                    problems,
                    PUBLIC_ADDRESS,
                    "an address, since management.port = 0 and certificates say where lists are");
        }
        if (SERVER_KEYS.in(root).isEmpty()) {
            refuse(root, problems, SERVER_KEYS, "at least one kind of key");
        }
        if (SERVER_NAMES.in(root).size() > Subject.MOST_NAMES) {
            refuse(root, problems, SERVER_NAMES, "at most " + Subject.MOST_NAMES + " names");
        }
        if (VALID_DAYS.in(root) > VALID_DAYS_MAX.in(root)) {
            refuse(root, problems, VALID_DAYS, "at most " + VALID_DAYS_MAX.key());
        }
        if (OCSP_IN_CERTIFICATES.in(root) && !OCSP_ENABLED.in(root)) {
            refuse(
                    root,
                    problems,
                    OCSP_IN_CERTIFICATES,
                    "false with " + OCSP_ENABLED.key() + " = false");
        }
        if (STORE.in(root).equals(PKCS11)) {
            for (Setting<String> needed : List.of(LIBRARY, PIN_FILE)) {
                if (needed.in(root).isEmpty()) {
                    refuse(root, problems, needed, "the path of a file with store = pkcs11");
                }
            }
        }
    }

    private static void checkExternal(ConfigObject root, Problems problems) {
        List<ConfigObject> all = ConfigurationRules.entries(root, EXTERNAL);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < all.size(); i++) {
            ConfigObject entry = all.get(i);
            String key = EXTERNAL.key() + "." + i + ".";
            List<String> crls = EXTERNAL_CRLS.in(entry);
            boolean isChecked = !EXTERNAL_REVOCATION.in(entry).equals(UNCHECKED);
            if (!names.add(EXTERNAL_NAME.in(entry))) {
                refuse(entry, problems, key, EXTERNAL_NAME, "a name that no other entry has");
            }
            checkSource(entry, key, problems);
            if (!isChecked && !crls.isEmpty()) {
                refuse(entry, problems, key, EXTERNAL_CRLS, "left out with revocation = unchecked");
            }
            if (isChecked && crls.isEmpty()) {
                refuse(
                        entry,
                        problems,
                        key,
                        EXTERNAL_CRLS,
                        "at least one place, or revocation = unchecked");
            }
            if (EXTERNAL_PARTITIONED.in(entry)
                    ? !crls.stream().allMatch(CertificateSettings::isAddress)
                    : crls.size() > 1) {
                refuse(
                        entry,
                        problems,
                        key,
                        EXTERNAL_CRLS,
                        "one place; or with partitioned = true, addresses of http or https");
            }
        }
    }

    /** A file, or an address with pins: over the network nobody is trusted without. */
    private static void checkSource(ConfigObject entry, String key, Problems problems) {
        boolean isFetched = !EXTERNAL_CA_URL.in(entry).isEmpty();
        if (EXTERNAL_CA_FILE.in(entry).isEmpty() != isFetched) {
            refuse(
                    entry,
                    problems,
                    key,
                    EXTERNAL_CA_FILE,
                    isFetched
                            ? "left out with ca-url"
                            : "the path of a file, or left out with ca-url");
        }
        if (isFetched == EXTERNAL_CA_PINS.in(entry).isEmpty()) {
            refuse(
                    entry,
                    problems,
                    key,
                    EXTERNAL_CA_PINS,
                    isFetched
                            ? "the SHA-256 of at least one certificate with ca-url"
                            : "left out without ca-url");
        }
        if (!isFetched && !EXTERNAL_AUTHORITY_PINS.in(entry).isEmpty()) {
            refuse(entry, problems, key, EXTERNAL_AUTHORITY_PINS, "left out without ca-url");
        }
    }

    private static boolean isAddress(String place) {
        return place.matches("https?://[!-~]{1,2000}");
    }

    private static void refuse(
            ConfigObject entry,
            Problems problems,
            String prefix,
            Setting<?> setting,
            String allowed) {
        ConfigValue value = Setting.find(entry, setting.key()).orElse(entry);
        problems.notAllowed(prefix + setting.key(), value, allowed);
    }

    /** Whether other authorities are trusted, in a configuration that was checked. */
    static boolean trustsOthers(ConfigObject root) {
        return !ConfigurationRules.entries(root, EXTERNAL).isEmpty();
    }

    static TrustConfig trust(ConfigObject root) {
        String stale = STALE_CONNECTIONS.in(root);
        return new TrustConfig(
                ConfigurationRules.entries(root, EXTERNAL).stream()
                        .map(CertificateSettings::external)
                        .toList(),
                CRL_INTERVAL.in(root),
                stale.equals("keep")
                        ? Optional.empty()
                        : Optional.of(Duration.ofSeconds(Long.parseLong(stale))));
    }

    private static TrustConfig.External external(ConfigObject entry) {
        return new TrustConfig.External(
                EXTERNAL_NAME.in(entry),
                source(entry),
                !EXTERNAL_REVOCATION.in(entry).equals(UNCHECKED),
                EXTERNAL_CRLS.in(entry),
                EXTERNAL_PARTITIONED.in(entry),
                EXTERNAL_AUTHORITY_CRLS.in(entry),
                new FreshnessPolicy(
                        EXTERNAL_GRACE.in(entry), EXTERNAL_STALE.in(entry).equals(ACCEPT)),
                EXTERNAL_BINDING.in(entry));
    }

    private static CaSource source(ConfigObject entry) {
        String address = EXTERNAL_CA_URL.in(entry);
        return address.isEmpty()
                ? CaSource.of(Path.of(EXTERNAL_CA_FILE.in(entry)))
                : new CaSource(
                        address,
                        pins(EXTERNAL_CA_PINS.in(entry)),
                        pins(EXTERNAL_AUTHORITY_PINS.in(entry)));
    }

    private static Set<Sha256> pins(List<String> texts) {
        return texts.stream()
                .map(text -> new Sha256(text.replace(":", "").toLowerCase(Locale.ROOT)))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static void refuse(
            ConfigObject root, Problems problems, Setting<?> setting, String allowed) {
        ConfigValue value = Setting.find(root, setting.key()).orElse(root);
        problems.notAllowed(setting.key(), value, allowed);
    }

    static AuthorityConfig authority(ConfigObject root) {
        return new AuthorityConfig(
                ENABLED.in(root),
                ORGANIZATION.in(root),
                Optional.of(PUBLIC_ADDRESS.in(root)).filter(text -> !text.isEmpty()),
                storage(root),
                new AuthorityConfig.Keys(
                        ROOT_KEY.in(root),
                        DEVICE_EC_KEY.in(root),
                        DEVICE_RSA_KEY.in(root),
                        SERVER_ISSUER_KEY.in(root)),
                new AuthorityConfig.Lists(
                        PARTITIONS.in(root), new CrlTimes(CRL_LIFE.in(root), CRL_REISSUE.in(root))),
                new AuthorityConfig.Lives(ROOT_LIFE.in(root), ISSUING_LIFE.in(root)),
                new AuthorityConfig.Server(
                        SERVER_NAMES.in(root), serverKeys(root), SERVER_LIFE.in(root)));
    }

    static EnrolmentConfig enrolment(ConfigObject root) {
        return new EnrolmentConfig(
                LIVE_MAX.in(root),
                VALID_DAYS.in(root),
                VALID_DAYS_MAX.in(root),
                OVERLAP.in(root),
                EARLY_RENEWAL.in(root),
                DEVICE_REQUESTS.in(root),
                ENROLMENT_REQUESTS.in(root),
                ENROLMENT_DEADLINE.in(root));
    }

    static List<Path> compromisedKeys(ConfigObject root) {
        return COMPROMISED_KEYS.in(root).stream().map(Path::of).toList();
    }

    static OcspConfig ocsp(ConfigObject root) {
        return new OcspConfig(
                OCSP_ENABLED.in(root),
                OCSP_IN_CERTIFICATES.in(root),
                OCSP_ANSWER_LIFE.in(root),
                OCSP_REQUESTS.in(root));
    }

    private static List<KeyKind> serverKeys(ConfigObject root) {
        return CertificateKind.SERVER.keys().stream()
                .filter(kind -> SERVER_KEYS.in(root).contains(word(kind)))
                .sorted(Comparator.comparing(kind -> SERVER_KEYS.in(root).indexOf(word(kind))))
                .toList();
    }

    private static String word(KeyKind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static AuthorityConfig.Storage storage(ConfigObject root) {
        if (STORE.in(root).equals(PKCS11)) {
            return new AuthorityConfig.Storage.Token(
                    Path.of(LIBRARY.in(root)), SLOT.in(root), Path.of(PIN_FILE.in(root)));
        }
        return new AuthorityConfig.Storage.Files(
                Optional.of(PASSWORD_FILE.in(root)).filter(file -> !file.isEmpty()).map(Path::of));
    }
}
