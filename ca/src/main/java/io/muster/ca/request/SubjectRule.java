package io.muster.ca.request;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.der.ObjectIdentifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1BMPString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1PrintableString;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.ASN1T61String;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;

/**
 * What the subject of a request must be. Whatever it is, the certificate gets its names from its
 * profile; a subject that names somebody else is refused, so that nobody takes it for granted.
 */
public enum SubjectRule {
    /**
     * The applicant and nobody else: empty, or exactly one common name, which is the applicant's;
     * at most one OU, which is too; O, L, ST and C may be there, whatever they are.
     */
    OWN_NAMES {
        @Override
        void check(X500Name subject, Applicant applicant) throws RequestRefusedException {
            List<AttributeTypeAndValue> names = namesOf(subject);
            if (names.isEmpty()) {
                return;
            }
            checkTypes(names, MANDATORY, OWN_NAMES_ALLOWED);
            List<String> common = valuesOf(names, BCStyle.CN, OWN_NAMES_ALLOWED);
            if (common.size() != 1 || !applicant.commonNames().containsAll(common)) {
                throw mismatch(
                        "does not have one common name, "
                                + String.join(" or ", applicant.commonNames()),
                        OWN_NAMES_ALLOWED);
            }
            List<String> units = valuesOf(names, BCStyle.OU, OWN_NAMES_ALLOWED);
            if (units.size() > 1
                    || !units.stream()
                            .allMatch(unit -> unit.equals(applicant.organizationalUnit()))) {
                throw mismatch(
                        applicant.organizationalUnit() == null
                                ? "has an OU, and the certificate none"
                                : "has an OU that is not " + applicant.organizationalUnit(),
                        OWN_NAMES_ALLOWED);
            }
        }
    },

    /**
     * Complete, as authorities demand that copy it: C of two characters, ST, L, O and OU, each at
     * least once, and one CN, of at most 64 characters each; at most one e-mail address. Who is
     * meant by the common name does not matter.
     */
    COMPLETE {
        @Override
        void check(X500Name subject, Applicant applicant) throws RequestRefusedException {
            List<AttributeTypeAndValue> names = namesOf(subject);
            checkTypes(names, COMPLETE_TYPES, COMPLETE_ALLOWED);
            for (ASN1ObjectIdentifier type : MANDATORY) {
                if (valuesOf(names, type, COMPLETE_ALLOWED).isEmpty()) {
                    throw mismatch("has no " + nameOf(type), COMPLETE_ALLOWED);
                }
            }
            for (ASN1ObjectIdentifier type : COMPLETE_TYPES) {
                checkLengths(valuesOf(names, type, COMPLETE_ALLOWED), type);
            }
            if (valuesOf(names, BCStyle.CN, COMPLETE_ALLOWED).size() > 1
                    || valuesOf(names, BCStyle.EmailAddress, COMPLETE_ALLOWED).size() > 1) {
                throw mismatch("has more than one CN or e-mail address", COMPLETE_ALLOWED);
            }
        }
    };

    private static final int MAX_CHARACTERS = 64;
    private static final int COUNTRY_CHARACTERS = 2;

    private static final List<ASN1ObjectIdentifier> MANDATORY =
            List.of(BCStyle.C, BCStyle.ST, BCStyle.L, BCStyle.O, BCStyle.OU, BCStyle.CN);

    private static final List<ASN1ObjectIdentifier> COMPLETE_TYPES =
            List.of(
                    BCStyle.C,
                    BCStyle.ST,
                    BCStyle.L,
                    BCStyle.O,
                    BCStyle.OU,
                    BCStyle.CN,
                    BCStyle.EmailAddress);

    private static final String OWN_NAMES_ALLOWED =
            "it may be empty, or have one CN and at most one OU, which are the applicant's, and O,"
                    + " L, ST and C";

    private static final String COMPLETE_ALLOWED =
            "it must have C of two characters, ST, L, O, OU and one CN, and may have an"
                    + " emailAddress, of at most 64 characters each";

    /** Refuses another subject. */
    abstract void check(X500Name subject, Applicant applicant) throws RequestRefusedException;

    private static List<AttributeTypeAndValue> namesOf(X500Name subject) {
        List<AttributeTypeAndValue> names = new ArrayList<>();
        for (RDN rdn : subject.getRDNs()) {
            names.addAll(List.of(rdn.getTypesAndValues()));
        }
        return names;
    }

    private static void checkTypes(
            List<AttributeTypeAndValue> names, List<ASN1ObjectIdentifier> types, String allowed)
            throws RequestRefusedException {
        for (AttributeTypeAndValue name : names) {
            if (!types.contains(name.getType())) {
                throw mismatch(
                        "has a name of the type " + ObjectIdentifiers.text(name.getType()),
                        allowed);
            }
        }
    }

    private static void checkLengths(List<String> values, ASN1ObjectIdentifier type)
            throws RequestRefusedException {
        for (String value : values) {
            int characters = value.codePointCount(0, value.length());
            if (value.isBlank()
                    || characters > MAX_CHARACTERS
                    || (type.equals(BCStyle.C) && characters != COUNTRY_CHARACTERS)) {
                throw mismatch(
                        "has a name that is empty, too short or too long: " + nameOf(type),
                        COMPLETE_ALLOWED);
            }
        }
    }

    private static List<String> valuesOf(
            List<AttributeTypeAndValue> names, ASN1ObjectIdentifier type, String allowed)
            throws RequestRefusedException {
        List<String> values = new ArrayList<>();
        for (AttributeTypeAndValue name : names) {
            if (name.getType().equals(type)) {
                values.add(
                        textOf(name.getValue())
                                .orElseThrow(
                                        () -> mismatch("has a name that is no text", allowed)));
            }
        }
        return values;
    }

    private static Optional<String> textOf(ASN1Encodable value) {
        boolean isText =
                value instanceof ASN1UTF8String
                        || value instanceof ASN1PrintableString
                        || value instanceof ASN1IA5String
                        || value instanceof ASN1T61String
                        || value instanceof ASN1BMPString;
        try {
            return isText ? Optional.of(((ASN1String) value).getString()) : Optional.empty();
        } catch (IllegalArgumentException e) {
            // UTF8String that is no UTF-8
            return Optional.empty();
        }
    }

    private static String nameOf(ASN1ObjectIdentifier type) {
        return BCStyle.INSTANCE.oidToDisplayName(type);
    }

    private static RequestRefusedException mismatch(String what, String allowed) {
        return new RequestRefusedException(
                RefusalCode.SUBJECT_MISMATCH,
                "The subject of the certification request " + what + "; " + allowed + ".");
    }
}
