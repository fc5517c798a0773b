package io.muster.devices.registry.firmware;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A firmware that is offered to devices; it lies elsewhere.
 *
 * @param version 1 to 64 letters, digits and {@code . _ + -}
 * @param url where devices fetch it: {@code http}, {@code https} or {@code ftp}, at most 1,024
 *     characters
 * @param size in bytes, 1 to 2,147,483,647: the SDK for Java reads it as such a number
 * @param sign what proves that it is whole, at most 256 characters
 * @param signMethod how {@code sign} is made, such as {@code md5} or {@code sha256}; 1 to 32
 *     letters, digits and {@code _ -}
 */
public record Firmware(String version, String url, int size, String sign, String signMethod) {

    private static final int URL_LENGTH_MAX = 1_024;
    private static final int SIGN_LENGTH_MAX = 256;
    private static final Set<String> SCHEMES = Set.of("http", "https", "ftp");
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9._+-]{1,64}");
    private static final Pattern METHOD = Pattern.compile("[A-Za-z0-9_-]{1,32}");
    private static final Pattern PRINTABLE = Pattern.compile("[ -~]{1," + SIGN_LENGTH_MAX + "}");

    /**
     * Checks all of it.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed
     */
    public Firmware {
        require(isVersion(version), "version is not 1 to 64 letters, digits and . _ + -");
        require(isUrl(url), "url is not one of http, https or ftp with at most 1024 characters");
        require(size > 0, "size is not 1 to 2147483647");
        require(
                PRINTABLE.matcher(sign).matches(),
                "sign is not 1 to 256 letters, digits and signs of ASCII");
        require(
                METHOD.matcher(signMethod).matches(),
                "signMethod is not 1 to 32 letters, digits and _ -");
    }

    /** Whether a version can be called so. */
    public static boolean isVersion(String text) {
        return VERSION.matcher(text).matches();
    }

    private static boolean isUrl(String text) {
        try {
            URI uri = new URI(text);
            return text.length() <= URL_LENGTH_MAX
                    && uri.getScheme() != null
                    && SCHEMES.contains(uri.getScheme().toLowerCase(Locale.ROOT))
                    && uri.getHost() != null;
        } catch (URISyntaxException notOne) {
            return false;
        }
    }

    private static void require(boolean isRight, String otherwise) {
        if (!isRight) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
