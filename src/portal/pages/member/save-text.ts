/** saveText hands text to the browser as a file. The name is the person's: browsers take out of it what no file may be called. */
export function saveText(name: string, text: string, type = 'application/x-openvpn-profile'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
