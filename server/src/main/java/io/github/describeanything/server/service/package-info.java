/** Describes regions for any wire form: names, limits, pictures, regions. Knows no HTTP and no JSON. */
@NullMarked
package io.github.describeanything.server.service;

import org.jspecify.annotations.NullMarked;
