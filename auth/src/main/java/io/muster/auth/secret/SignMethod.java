package io.muster.auth.secret;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How a device signs; the value of the option {@code signmethod}. */
public enum SignMethod {
    /** SHA-256 over content and secret; what the device SDKs use. */
    SHA256("sha256", "SHA-256"),
    /** SHA-1 over content and secret; weak, used by first-generation SDKs. */
    SHA1("sha1", "SHA-1"),
    /** MD5 over content and secret; weak. */
    MD5("md5", "MD5"),
    /** A true HMAC-SHA256 over the content, keyed with the secret; no SDK has it, prefer it. */
    HMAC_SHA256("hmac-sha256", "HmacSHA256");

    /** The names on the wire. In spite of theirs, the three without hyphen are plain digests. */
    private static final Map<String, SignMethod> BY_NAME =
            Map.of(
                    "sha256", SHA256,
                    "hmacsha256", SHA256,
                    "sha1", SHA1,
                    "hmacsha1", SHA1,
                    "md5", MD5,
                    "hmacmd5", MD5,
                    "hmac-sha256", HMAC_SHA256);

    private final String option;
    private final String algorithm;

    SignMethod(String option, String algorithm) {
        this.option = option;
        this.algorithm = algorithm;
    }

    /** The method with this name or alias, in upper or lower case. */
    public static Optional<SignMethod> find(String name) {
        return Optional.ofNullable(BY_NAME.get(name.toLowerCase(Locale.ROOT)));
    }

    /** The name to send. */
    public String option() {
        return option;
    }

    /** Whether it uses a digest that is no longer safe. */
    public boolean isWeak() {
        return this == SHA1 || this == MD5;
    }

    /** The name of the JDK's algorithm. */
    String algorithm() {
        return algorithm;
    }
}
