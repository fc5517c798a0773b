package io.muster.ca.issuance;

import java.util.concurrent.atomic.AtomicBoolean;
import org.bouncycastle.operator.ContentSigner;

/**
 * A certificate that was looked at, but not signed yet. It can be signed once; whoever holds it has
 * time to write down that it will be. Confined to a thread, as what signs it is.
 */
public final class PreparedCertificate {

    private final CertificateContent content;
    private final byte[] toBeSigned;
    private final ContentSigner signer;
    private final AtomicBoolean used = new AtomicBoolean();

    PreparedCertificate(CertificateContent content, byte[] toBeSigned, ContentSigner signer) {
        this.content = content;
        this.toBeSigned = toBeSigned;
        this.signer = signer;
    }

    /** What it says. */
    public CertificateContent content() {
        return content;
    }

    /** What was looked at. */
    byte[] toBeSigned() {
        return toBeSigned;
    }

    /** What signs it, for the first who asks. */
    ContentSigner use() {
        if (!used.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "certificate " + content.serial() + " was signed before");
        }
        return signer;
    }
}
