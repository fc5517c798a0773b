package io.muster.auth.x509.source;

import io.muster.auth.x509.crl.AcceptedCrl;
import io.muster.auth.x509.crl.CrlFailure;
import io.muster.auth.x509.crl.RevokedSerials;
import io.muster.auth.x509.revocation.CrlPartition;

/** Is told what became of lists. Called by the threads that fetch them, several at a time. */
public interface CrlListener {

    /**
     * A list is in force; it may be the same as before, published again.
     *
     * @param before what the one before it revoked
     */
    void accepted(CrlPartition partition, AcceptedCrl list, RevokedSerials before);

    /** A list was not had or not taken; the one before is in force. */
    void refused(CrlPartition partition, CrlFailure failure);

    /** A list is in force, but could not be written down: after a restart an older one would do. */
    void notKept(CrlPartition partition);
}
