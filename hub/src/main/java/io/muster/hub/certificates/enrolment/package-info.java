/**
 * How devices come to certificates of the hub's own authority, and how certificates end: who may
 * have one and for which key, renewal, revocation with all that follows it. Whoever speaks to
 * devices and operators, in whatever form, asks here; it blocks, but for what returns a stage.
 */
@NullMarked
package io.muster.hub.certificates.enrolment;

import org.jspecify.annotations.NullMarked;
