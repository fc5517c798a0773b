package io.muster.ca.audit;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What is to be recorded. Immutable.
 *
 * <p>A value has at most 512 characters; what is longer is cut, and ends in an ellipsis. One that
 * looks like PEM is a mistake of the caller's and refused: it could be a private key.
 */
public final class AuditEvent {

    private static final int MAX_LENGTH = 512;

    private final AuditKind kind;
    private final Map<AuditField, String> fields;

    private AuditEvent(AuditKind kind, Map<AuditField, String> fields) {
        this.kind = kind;
        this.fields = Collections.unmodifiableMap(fields);
    }

    /** One of this kind that tells nothing else yet. */
    public static AuditEvent of(AuditKind kind) {
        return new AuditEvent(kind, new EnumMap<>(AuditField.class));
    }

    /**
     * The same, and it tells this as well.
     *
     * @throws IllegalArgumentException if the value is PEM
     */
    public AuditEvent with(AuditField field, Object value) {
        String text = String.valueOf(value);
        if (text.contains("-----BEGIN")) {
            throw new IllegalArgumentException(
                    "PEM is not for the audit chain, in the field " + field.word());
        }
        Map<AuditField, String> more = new EnumMap<>(AuditField.class);
        more.putAll(fields);
        more.put(field, cut(text));
        return new AuditEvent(kind, more);
    }

    private static String cut(String text) {
        return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH - 1) + "…";
    }

    AuditKind kind() {
        return kind;
    }

    /** In the order in which the fields are declared. */
    Map<AuditField, String> fields() {
        return fields;
    }

    @Override
    public String toString() {
        return kind.word() + fields;
    }
}
