import { Anchor } from '@mantine/core';
import { createLink } from '@tanstack/react-router';

/** TextLink is a link to a page of the portal; its address, parameters and search are checked against the routes. */
export const TextLink = createLink(Anchor<'a'>);
