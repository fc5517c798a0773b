/**
 * Lists of revoked certificates: read strictly, judged by what was expected of them, and kept as
 * compact sets. Which list is in force for whom is not known here.
 */
@NullMarked
package io.muster.auth.x509.crl;

import org.jspecify.annotations.NullMarked;
