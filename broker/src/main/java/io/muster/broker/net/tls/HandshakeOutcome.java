package io.muster.broker.net.tls;

import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * How a handshake ended. The lower-case name is the metric's tag.
 *
 * <p>The providers tell what went wrong in words of their own, if at all, so what is not an
 * exception of a kind of its own is found in its text.
 */
enum HandshakeOutcome {
    SUCCEEDED("is secured"),
    /** It took longer than allowed. */
    TIMED_OUT("not done in time"),
    /** More were under way than allowed. */
    TOO_MANY("too many at once"),
    /** The connection ended before. */
    CLOSED("the connection ended before"),
    /** What came was no TLS. */
    NOT_TLS("the client does not speak TLS"),
    /** The client showed no certificate, or one that is not trusted. */
    CERTIFICATE_REFUSED("the client's certificate is refused"),
    /** The client gave up and said why: usually it does not trust the broker's certificate. */
    ALERT_RECEIVED("the client gave up"),
    /** No version, suite or group in common, or a message that breaks the protocol. */
    NOT_AGREED("nothing could be agreed on");

    private final String sentence;

    HandshakeOutcome(String sentence) {
        this.sentence = sentence;
    }

    /** What happened, in words of our own. */
    String sentence() {
        return sentence;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static HandshakeOutcome of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            HandshakeOutcome told = toldBy(cause);
            if (told != NOT_AGREED) {
                return told;
            }
        }
        return NOT_AGREED;
    }

    private static HandshakeOutcome toldBy(Throwable cause) {
        if (cause instanceof NotSslRecordException) {
            return NOT_TLS;
        } else if (cause instanceof CertificateException
                || cause instanceof CertPathValidatorException
                || cause instanceof SSLPeerUnverifiedException) {
            return CERTIFICATE_REFUSED;
        } else if (cause instanceof ClosedChannelException
                || (cause instanceof IOException && !(cause instanceof SSLException))) {
            return CLOSED;
        }
        String words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (words.contains("did_not_return_a_certificate") // OpenSSL
                || words.contains("empty client certificate chain")) { // JDK
            return CERTIFICATE_REFUSED;
        }
        return words.contains("alert") ? ALERT_RECEIVED : NOT_AGREED;
    }
}
