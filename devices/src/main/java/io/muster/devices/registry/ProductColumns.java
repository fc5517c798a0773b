package io.muster.devices.registry;

import io.muster.devices.Product;
import io.muster.devices.product.CertificatePolicy;
import io.muster.devices.product.Enrollment;
import io.muster.devices.product.KeyType;
import io.muster.devices.product.ProductSettings;
import io.muster.devices.product.ProductType;
import io.muster.devices.product.SignInPolicy;
import io.muster.devices.product.TopicTemplate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a product that hold what its operator decides, and how values look in them. Topic
 * rules are a line each; tags are too, with a line break before the first as well, so that each is
 * between two of them.
 */
final class ProductColumns {

    /** Their names, with the revision. */
    static final String NAMES =
            "revision, name, type, dynamic_activation, self_registration, gateway_registration,"
                    + " certificate_required, certificates_issued, certificate_keys, certificate_days,"
                    + " certificate_days_max, same_key_renewal, idle_limit, allow_weak_digests, max_clock_skew,"
                    + " timestamps_ascend, topics, tags";

    /** What {@link #bind} binds, in the order of {@link #NAMES}. */
    static final String VALUES =
            ":revision, :name, :type, :dynamicActivation, :selfRegistration, :gatewayRegistration,"
                    + " :certificateRequired, :certificatesIssued, :certificateKeys, :certificateDays,"
                    + " :certificateDaysMax, :sameKeyRenewal, :idleLimit, :allowWeakDigests, :maxClockSkew,"
                    + " :timestampsAscend, :topics, :tags";

    private ProductColumns() {}

    static Update bind(Update update, Product product) {
        ProductSettings settings = product.settings();
        Enrollment enrollment = settings.enrollment();
        CertificatePolicy certificates = settings.certificates();
        SignInPolicy signIn = settings.signIn();
        return update.bind("revision", product.revision())
                .bind("name", settings.name())
                .bind("type", code(settings.type()))
                .bind("dynamicActivation", code(enrollment.dynamicActivation()))
                .bind("selfRegistration", code(enrollment.selfRegistration()))
                .bind("gatewayRegistration", code(enrollment.gatewayRegistration()))
                .bind("certificateRequired", code(certificates.required()))
                .bind("certificatesIssued", code(certificates.issued()))
                .bind("certificateKeys", keyTypes(certificates.keyTypes()))
                .bind("certificateDays", certificates.validDays().orElse(null))
                .bind("certificateDaysMax", certificates.validDaysMax().orElse(null))
                .bind("sameKeyRenewal", code(certificates.sameKeyRenewal()))
                .bind("idleLimit", millis(settings.idleLimit()))
                .bind("allowWeakDigests", code(signIn.allowWeakDigests()))
                .bind("maxClockSkew", millis(signIn.maxClockSkew()))
                .bind("timestampsAscend", code(signIn.timestampsAscend()))
                .bind("topics", topics(settings.topics()))
                .bind("tags", tags(settings.tags()));
    }

    static ProductSettings read(ResultSet row) throws SQLException {
        return new ProductSettings(
                row.getString("name"),
                type(row),
                new Enrollment(
                        row.getInt("dynamic_activation") != 0,
                        row.getInt("self_registration") != 0,
                        row.getInt("gateway_registration") != 0),
                certificates(row),
                duration(row, "idle_limit"),
                new SignInPolicy(
                        flag(row, "allow_weak_digests"),
                        duration(row, "max_clock_skew"),
                        flag(row, "timestamps_ascend")),
                topics(row.getString("topics")),
                tags(row.getString("tags")));
    }

    private static CertificatePolicy certificates(ResultSet row) throws SQLException {
        return new CertificatePolicy(
                row.getInt("certificate_required") != 0,
                row.getInt("certificates_issued") != 0,
                keyTypes(row.getString("certificate_keys")),
                number(row, "certificate_days"),
                number(row, "certificate_days_max"),
                flag(row, "same_key_renewal"));
    }

    /** Null if there are all, so that a type that is new later is among them. */
    private static @Nullable String keyTypes(Set<KeyType> types) {
        return types.equals(EnumSet.allOf(KeyType.class))
                ? null
                : types.stream().map(KeyType::name).collect(Collectors.joining(","));
    }

    private static Set<KeyType> keyTypes(@Nullable String names) {
        return names == null
                ? EnumSet.allOf(KeyType.class)
                : Arrays.stream(names.split(",")).map(KeyType::valueOf).collect(Collectors.toSet());
    }

    private static Optional<Integer> number(ResultSet row, String column) throws SQLException {
        int number = row.getInt(column);
        return row.wasNull() ? Optional.empty() : Optional.of(number);
    }

    static ProductType type(ResultSet row) throws SQLException {
        return row.getInt("type") == 1 ? ProductType.GATEWAY : ProductType.DEVICE;
    }

    /** A condition: the line is among the tags. LIKE would take upper for lower case in SQLite. */
    static String hasTagLine(String line) {
        return "REPLACE(tags, %s, '') <> tags".formatted(line);
    }

    static String tagLine(String name, String value) {
        return "\n" + name + "\t" + value + "\n";
    }

    private static String tags(Map<String, String> tags) {
        StringBuilder text = new StringBuilder(tags.isEmpty() ? "" : "\n");
        tags.forEach((name, value) -> text.append(tagLine(name, value).substring(1)));
        return text.toString();
    }

    private static Map<String, String> tags(String text) {
        Map<String, String> tags = new LinkedHashMap<>();
        text.lines()
                .filter(line -> !line.isEmpty())
                .forEach(
                        line -> {
                            int tab = line.indexOf('\t');
                            tags.put(line.substring(0, tab), line.substring(tab + 1));
                        });
        return tags;
    }

    private static String topics(TopicTemplate topics) {
        return topics.rules().stream()
                .map(TopicTemplate.Rule::text)
                .collect(Collectors.joining("\n"));
    }

    private static TopicTemplate topics(String text) {
        List<TopicTemplate.Rule> rules = text.lines().map(TopicTemplate.Rule::parse).toList();
        return new TopicTemplate(rules);
    }

    private static int code(ProductType type) {
        return switch (type) {
            case DEVICE -> 0;
            case GATEWAY -> 1;
        };
    }

    private static int code(boolean flag) {
        return flag ? 1 : 0;
    }

    private static @Nullable Integer code(Optional<Boolean> flag) {
        return flag.map(ProductColumns::code).orElse(null);
    }

    private static Optional<Boolean> flag(ResultSet row, String column) throws SQLException {
        int code = row.getInt(column);
        return row.wasNull() ? Optional.empty() : Optional.of(code != 0);
    }

    private static @Nullable Long millis(Optional<Duration> duration) {
        return duration.map(Duration::toMillis).orElse(null);
    }

    private static Optional<Duration> duration(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
    }
}
