package io.muster.auth.x509.source;

import io.muster.auth.x509.crl.AcceptedCrl;
import io.muster.auth.x509.crl.CrlFailure;
import io.muster.auth.x509.crl.RevokedSerials;
import io.muster.auth.x509.revocation.CrlPartition;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Remembers what it is told. */
final class Told implements CrlListener {

    final List<AcceptedCrl> accepted = new CopyOnWriteArrayList<>();
    final List<CrlFailure> refused = new CopyOnWriteArrayList<>();
    final List<CrlPartition> notKept = new CopyOnWriteArrayList<>();

    volatile @Nullable RuntimeException broken;

    @Override
    public void accepted(CrlPartition partition, AcceptedCrl list, RevokedSerials before) {
        if (broken != null) {
            throw broken;
        }
        accepted.add(list);
    }

    @Override
    public void refused(CrlPartition partition, CrlFailure failure) {
        refused.add(failure);
    }

    @Override
    public void notKept(CrlPartition partition) {
        notKept.add(partition);
    }
}
