# The console in a real browser: Debian's Chromium, driven by Playwright.

playwright=playwright==1.65.2
# The walk takes half a minute.
browser_seconds_max=200
# As long as the flight that is filmed, and its start.
film_seconds_max=300

install_browser() {
    install_missing chromium=chromium /usr/share/javascript/dygraphs/dygraph.min.js=libjs-dygraphs \
        '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf=fonts-dejavu-core' \
        promtool=prometheus
    "$python" -c 'import playwright' 2>/dev/null \
        || job "$install_seconds_max" "$python" -m pip install --quiet --retries 3 "$playwright"
}

# Leaves a picture of each step in flight/console.
browse_console() {
    say "The console in a browser"
    install_browser
    job "$browser_seconds_max" "$python" Tests/Console/browser.py .build/release/droneagent flight/console
}

# Beside a flight with --console: waits for its page, and keeps pictures of it in flight/page.
film_page() {
    exec timeout --kill-after=10 "$film_seconds_max" env "${mark[@]}" "$python" Board/film.py flight \
        </dev/null >flight/film.log 2>&1 9>&-
}
