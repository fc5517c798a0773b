package io.muster.hub.certificates.enrolment;

import io.muster.ca.request.SubjectRule;
import java.util.OptionalInt;

/** In whose words a certificate is asked for: what holds where neither product nor call say so. */
public enum EnrolmentForm {
    /** The hub's own. */
    OWN(SubjectRule.OWN_NAMES, false, false, OptionalInt.empty()),

    /**
     * That of EnOS, whose tools fill in the whole subject, and whose renewals may leave out the
     * request. Only products that require certificates have them there.
     */
    ENOS(SubjectRule.COMPLETE, true, true, OptionalInt.of(730));

    private final SubjectRule subject;
    private final boolean sameKeyRenewal;
    private final boolean onlyWhereRequired;
    private final OptionalInt validDays;

    EnrolmentForm(
            SubjectRule subject,
            boolean sameKeyRenewal,
            boolean onlyWhereRequired,
            OptionalInt validDays) {
        this.subject = subject;
        this.sameKeyRenewal = sameKeyRenewal;
        this.onlyWhereRequired = onlyWhereRequired;
        this.validDays = validDays;
    }

    SubjectRule subject() {
        return subject;
    }

    boolean sameKeyRenewal() {
        return sameKeyRenewal;
    }

    boolean onlyWhereRequired() {
        return onlyWhereRequired;
    }

    /** Empty as the hub is configured. */
    OptionalInt validDays() {
        return validDays;
    }
}
