package io.muster.devices.product;

import io.muster.devices.text.Characters;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What an operator may change of a product.
 *
 * @param name for people, 1 to 100 characters
 * @param type what its devices are
 * @param enrollment how devices come to be registered and to their secrets
 * @param certificates which certificates its devices get, and whether they need one
 * @param idleLimit how long a device may send no data and stay online, to the second, from a second
 *     to 30 days; zero for ever; empty as the hub is configured
 * @param signIn what is asked of its devices when they sign in
 * @param topics which topics its devices may use
 * @param tags for people and searches: at most 20 names of 1 to 64 letters, digits and {@code _ - .
 *     :}, with values of at most 256 characters; ordered by name
 */
public record ProductSettings(
        String name,
        ProductType type,
        Enrollment enrollment,
        CertificatePolicy certificates,
        Optional<Duration> idleLimit,
        SignInPolicy signIn,
        TopicTemplate topics,
        Map<String, String> tags) {

    /** The longest {@link #idleLimit}. */
    public static final Duration IDLE_LIMIT_MAX = Duration.ofDays(30);

    /** The most tags. */
    public static final int TAGS_MAX = 20;

    private static final int NAME_LENGTH_MAX = 100;
    private static final int TAG_VALUE_LENGTH_MAX = 256;
    private static final Pattern TAG_NAME = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");

    /**
     * Checks the values, and copies the tags.
     *
     * @throws IllegalArgumentException naming the value that is wrong and what is allowed
     */
    public ProductSettings {
        if (name.isBlank() || name.length() > NAME_LENGTH_MAX || hasControls(name)) {
            throw new IllegalArgumentException(
                    "name is not 1 to 100 characters without control characters");
        }
        Characters.requireWhole("name", name);
        idleLimit.ifPresent(ProductSettings::requireIdleLimit);
        if (tags.size() > TAGS_MAX) {
            throw new IllegalArgumentException(tags.size() + " tags are more than " + TAGS_MAX);
        }
        tags.forEach(ProductSettings::requireTag);
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    private static void requireIdleLimit(Duration limit) {
        if (limit.isNegative()
                || limit.compareTo(IDLE_LIMIT_MAX) > 0
                || !limit.equals(Duration.ofSeconds(limit.toSeconds()))) {
            throw new IllegalArgumentException(
                    "idleLimit %s is not 0 to %d whole seconds"
                            .formatted(limit, IDLE_LIMIT_MAX.toSeconds()));
        }
    }

    private static void requireTag(String tag, String value) {
        if (!TAG_NAME.matcher(tag).matches()) {
            throw new IllegalArgumentException(
                    "tag name '" + tag + "' is not 1 to 64 letters, digits and _ - . :");
        }
        if (value.length() > TAG_VALUE_LENGTH_MAX || hasControls(value)) {
            throw new IllegalArgumentException(
                    "value of tag '%s' is not at most %d characters without control characters"
                            .formatted(tag, TAG_VALUE_LENGTH_MAX));
        }
        Characters.requireWhole("value of tag '" + tag + "'", value);
    }

    private static boolean hasControls(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    /** Those of a product that nobody has decided anything of yet. */
    public static ProductSettings named(String name) {
        return new ProductSettings(
                name,
                ProductType.DEVICE,
                Enrollment.BY_OPERATOR,
                CertificatePolicy.AS_CONFIGURED,
                Optional.empty(),
                SignInPolicy.AS_CONFIGURED,
                TopicTemplate.OWN_TOPICS,
                Map.of());
    }

    /** The same but for the {@link #name}. */
    public ProductSettings withName(String other) {
        return new ProductSettings(
                other, type, enrollment, certificates, idleLimit, signIn, topics, tags);
    }

    /** The same but for the {@link #type}. */
    public ProductSettings withType(ProductType other) {
        return new ProductSettings(
                name, other, enrollment, certificates, idleLimit, signIn, topics, tags);
    }

    /** The same but for the {@link #enrollment}. */
    public ProductSettings withEnrollment(Enrollment other) {
        return new ProductSettings(
                name, type, other, certificates, idleLimit, signIn, topics, tags);
    }

    /** The same but for {@link Enrollment#dynamicActivation}. */
    public ProductSettings withDynamicActivation(boolean on) {
        return withEnrollment(
                new Enrollment(
                        on, enrollment.selfRegistration(), enrollment.gatewayRegistration()));
    }

    /** Whether a device must present a certificate too. */
    public boolean certificateRequired() {
        return certificates.required();
    }

    /** The same but for {@link #certificates}. */
    public ProductSettings withCertificates(CertificatePolicy other) {
        return new ProductSettings(name, type, enrollment, other, idleLimit, signIn, topics, tags);
    }

    /** The same but for {@link #certificateRequired}. */
    public ProductSettings withCertificateRequired(boolean required) {
        return withCertificates(certificates.withRequired(required));
    }

    /** The same but for the {@link #idleLimit}. */
    public ProductSettings withIdleLimit(Optional<Duration> other) {
        return new ProductSettings(
                name, type, enrollment, certificates, other, signIn, topics, tags);
    }

    /** The same but for the {@link #signIn}. */
    public ProductSettings withSignIn(SignInPolicy other) {
        return new ProductSettings(
                name, type, enrollment, certificates, idleLimit, other, topics, tags);
    }

    /** The same but for the {@link #topics}. */
    public ProductSettings withTopics(TopicTemplate other) {
        return new ProductSettings(
                name, type, enrollment, certificates, idleLimit, signIn, other, tags);
    }

    /** The same but for the {@link #tags}. */
    public ProductSettings withTags(Map<String, String> other) {
        return new ProductSettings(
                name, type, enrollment, certificates, idleLimit, signIn, topics, other);
    }
}
