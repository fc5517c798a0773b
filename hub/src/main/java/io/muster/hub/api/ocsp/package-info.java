/**
 * OCSP over HTTP (RFC 6960, appendix A.1; RFC 5019), for everybody. Knows what answers, and not
 * where that looks.
 */
@NullMarked
package io.muster.hub.api.ocsp;

import org.jspecify.annotations.NullMarked;
