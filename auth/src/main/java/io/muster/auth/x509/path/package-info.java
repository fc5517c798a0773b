/** Whether a certificate is one of a root's: the path to it, and how all on it stand now. */
@NullMarked
package io.muster.auth.x509.path;

import org.jspecify.annotations.NullMarked;
