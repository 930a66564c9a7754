/** Imported before anything that has schemas: zod would compile them with `new Function`, which the content security policy refuses. */
import { z } from 'zod';

z.config({ jitless: true });
