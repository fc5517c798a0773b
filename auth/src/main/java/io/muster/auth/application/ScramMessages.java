package io.muster.auth.application;

import com.ongres.scram.common.StringPreparation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the two messages of a SCRAM client (RFC 5802, section 7).
 *
 * <p>Our own, since the parser of the library escapes user names twice and drops extensions, both
 * of which are signed.
 */
final class ScramMessages {

    static final int MESSAGE_BYTES_MAX = 1_024;

    private static final String NONCE = "[\\x21-\\x2B\\x2D-\\x7E]+";
    private static final String EXTENSIONS = "(?:,[A-Za-z]=[^,]+)*";

    private static final Pattern CLIENT_FIRST =
            Pattern.compile(
                    "(?<header>(?<binding>n|y|p=[A-Za-z0-9.-]+),(?:a=(?<authzid>[^,]+))?,)"
                            + "(?<bare>n=(?<username>[^,]+),r=(?<nonce>"
                            + NONCE
                            + ")"
                            + EXTENSIONS
                            + ")");

    private static final Pattern CLIENT_FINAL =
            Pattern.compile(
                    "(?<signed>c=(?<binding>[A-Za-z0-9+/=]+),r=(?<nonce>"
                            + NONCE
                            + ")"
                            + EXTENSIONS
                            + "),p=(?<proof>[A-Za-z0-9+/=]+)");

    /** An escape is =2C or =3D, and nothing else follows an equals sign. */
    private static final Pattern SASL_NAME = Pattern.compile("(?:[^=]|=2C|=3D)+");

    private ScramMessages() {}

    /** Says what is wrong with a message; the sentence is for the operator's log. */
    static final class MalformedException extends Exception {

        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * The client-first-message.
     *
     * @param header the GS2 header, which the client repeats in its final message
     * @param bare the rest, which is signed
     * @param username unescaped and prepared (SASLprep)
     * @param nonce the client's nonce
     */
    record ClientFirst(String header, String bare, String username, String nonce) {

        static ClientFirst read(byte[] data) throws MalformedException {
            Matcher parts = CLIENT_FIRST.matcher(text(data));
            if (!parts.matches()) {
                throw new MalformedException("malformed client-first-message");
            }
            if (parts.group("binding").startsWith("p=")) {
                throw new MalformedException("channel binding is not supported");
            }
            String username = name(parts.group("username"));
            String authzid = parts.group("authzid");
            if (authzid != null && !name(authzid).equals(username)) {
                throw new MalformedException("nobody may act as another user");
            }
            return new ClientFirst(
                    parts.group("header"), parts.group("bare"), username, parts.group("nonce"));
        }

        private static String name(String saslName) throws MalformedException {
            if (!SASL_NAME.matcher(saslName).matches()) {
                throw new MalformedException("malformed user name");
            }
            String plain = saslName.replace("=2C", ",").replace("=3D", "=");
            try {
                return new String(
                        StringPreparation.SASL_PREPARATION.normalize(plain.toCharArray()));
            } catch (IllegalArgumentException prohibited) {
                throw new MalformedException("user name has characters that are not allowed");
            }
        }
    }

    /**
     * The client-final-message.
     *
     * @param header the GS2 header as the client repeats it
     * @param nonce the nonce of both
     * @param signed all but the proof
     * @param proof in Base64
     */
    record ClientFinal(String header, String nonce, String signed, String proof) {

        static ClientFinal read(byte[] data) throws MalformedException {
            Matcher parts = CLIENT_FINAL.matcher(text(data));
            if (!parts.matches()) {
                throw new MalformedException("malformed client-final-message");
            }
            return new ClientFinal(
                    text(bytes(parts.group("binding"))),
                    parts.group("nonce"),
                    parts.group("signed"),
                    parts.group("proof"));
        }

        /** The bytes of the proof, which have the size of a key. */
        byte[] proofBytes() throws MalformedException {
            byte[] bytes = bytes(proof);
            if (bytes.length != ScramVerifier.KEY_BYTES) {
                throw new MalformedException("proof of a wrong length");
            }
            return bytes;
        }

        private static byte[] bytes(String base64) throws MalformedException {
            try {
                return Base64.getDecoder().decode(base64);
            } catch (IllegalArgumentException notBase64) {
                throw new MalformedException("malformed Base64");
            }
        }
    }

    private static String text(byte[] data) throws MalformedException {
        if (data.length > MESSAGE_BYTES_MAX) {
            throw new MalformedException("message longer than " + MESSAGE_BYTES_MAX + " bytes");
        }
        try {
            // A decoder of its own, which refuses what is not UTF-8.
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data)).toString();
        } catch (CharacterCodingException notUtf8) {
            throw new MalformedException("message is not UTF-8");
        }
    }
}
