/** Stylesheets of components that only who is signed in meets; see styles.ts. */
import '@mantine/core/styles/InlineInput.css';
import '@mantine/core/styles/Checkbox.css';
import '@mantine/core/styles/Popover.css';
import '@mantine/core/styles/Menu.css';
import '@mantine/core/styles/Tooltip.css';
import '@mantine/core/styles/Modal.css';
import '@mantine/core/styles/Kbd.css';
